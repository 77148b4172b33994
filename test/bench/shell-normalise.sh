#!/usr/bin/env bash
# What a shell can do of a normalise: shell-normalise.sh DOWNLOAD OUT. Three SHA-256 (of the download, the inner tar
# and the result), in parallel where a shell can. No policy, no canonical repack, nothing compared.
set -eo pipefail
file=$1 out=$2
sha256sum "$file" > "$out.source" &
case $file in
*.gz | *.tgz) unpack=(gzip -dc "$file") ;;
*) unpack=(tar -cf - --owner=0 --group=0 -C "$(dirname "$file")" "$(basename "$file")") ;;
esac
"${unpack[@]}" | tee >(sha256sum > "$out.content") | zstd -q -3 -T0 -f -o "$out"
sha256sum "$out" > "$out.stored"
wait
