#!/usr/bin/env bash
# shell-cold.sh FOLDER URL…: every URL with a curl of its own, all in parallel, each followed by shell-normalise.sh.
set -eo pipefail
folder=$1
shift
pids=()
for url in "$@"; do
  file=$folder/${url##*/}
  { curl -fsS -o "$file" "$url" && bash "$(dirname "$0")/shell-normalise.sh" "$file" "$file.tar.zst"; } &
  pids+=($!)
done
for pid in "${pids[@]}"; do wait "$pid"; done
