// Everything that runs on a node is here. A command line is tiny and holds nothing that any login shell (sh, csh, fish)
// would read differently: it has sh take its script from the standard input. Paths and names come as lines after it, so
// that nothing is ever quoted. Answers are marked: what the login shell prints around them does not matter.

/** Reads one line, in which `\n` stands for a line break, and does what it says. */
const START = 'IFS= read -r s; eval "$(printf %b "$s")"'

/** What to run. `sudo`: as root, without a question. */
export const START_COMMANDS = {
  plain: `exec sh -c '${START}'`,
  sudo: `exec sudo -n sh -c '${START}'`,
} as const

/** What to write to the standard input first: a script, and the lines it reads itself. */
export function startInput(script: string, lines: readonly string[]): string {
  const escaped = script.trim().replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
  return `${escaped}\n${lines.map((line) => `${line}\n`).join('')}`
}

/** What an answer begins with, on a line of its own. */
export const MARK = 'pkgcache-answer:'

// openssl first: it uses the processor's SHA instructions, 4 times as fast as coreutils 9.1.
/** For every script: `say` marks an answer, `digest` puts the SHA-256 of a file, or `none`, into `d`. */
export const COMMON = `
LC_ALL=C; TZ=UTC0; export LC_ALL TZ
umask 022
tab=$(printf "\\t")
say() { printf "\\n${MARK}%s\\n" "$1"; }
sum() { openssl dgst -sha256 -r 2>/dev/null || sha256sum 2>/dev/null || shasum -a 256 2>/dev/null; }
digest() { d=$(sum 2>/dev/null < "$1"); d=\${d%% *}; d=\${d:-none}; }
`

/**
 * Answers requests, one a line, fields separated by tabs, as long as the connection lasts. What was hashed is remembered
 * in `<root>/.pkgcache/digests`, a line for each file: what stat says of it (inode, size, times of content and inode),
 * its path, its SHA-256.
 */
export const SHELL = `${COMMON}
IFS= read -r root
own=$root/.pkgcache
memory=$own/digests

stat_of() { x=$(stat -c "%i:%s:%y|%z" "$1" 2>/dev/null) || x=; }

remember() {
  if [ -z "$x" ] || [ -L "$own" ] || [ "$d" = none ]; then return; fi
  [ -d "$own" ] || mkdir -p "$own" 2>/dev/null || return
  { grep -v -F -e "$tab$1$tab" "$memory"; printf "%s\\t%s\\t%s\\n" "$x" "$1" "$d"; } > "$memory.$$" 2>/dev/null &&
    mv -f "$memory.$$" "$memory"
}

kind_of() {
  if [ -L "$1" ]; then kind=symlink
  elif [ -f "$1" ]; then kind=file
  elif [ -e "$1" ]; then kind=other
  else kind=missing
  fi
}

look() {
  kind_of "$1"
  if [ $kind != file ]; then say "$kind"; return; fi
  stat_of "$1"
  size=\${x#*:}; size=\${size%%:*}
  if [ -z "$x" ]; then size=$(wc -c < "$1"); fi
  d=
  if [ -n "$x" ]; then d=$(grep -F -e "$x$tab$1$tab" "$memory" 2>/dev/null); d=\${d##*"$tab"}; fi
  say "file$tab$((size))$tab\${d:--}"
}

know() {
  stat_of "$1"; before=$x
  digest "$1"
  stat_of "$1"
  if [ "$x" = "$before" ]; then remember "$1"; fi
  say "$d"
}

finish() {
  kind_of "$2"
  case $kind in symlink|other) say "$kind"; return;; esac
  kind_of "$1"
  if [ $kind != file ]; then say "gone"; return; fi
  stat_of "$1"; before=\${x%|*}
  digest "$1"
  if [ "$d" = none ] && [ -n "$4" ] && cmp -s "$4" "$1"; then d=$3; fi
  if [ "$d" = none ]; then say "unhashed"; return; fi
  if [ "$d" != "$3" ]; then say "digest$tab$d"; return; fi
  e=$(chmod 644 "$1" 2>&1 && mv -f "$1" "$2" 2>&1) || { say "refused$tab$e"; return; }
  stat_of "$2"
  if [ "\${x%|*}" = "$before" ]; then remember "$2"; fi
  say "done"
}

blocks() {
  i=0; all=
  while [ $i -lt "$3" ]; do
    d=$(dd if="$1" bs="$2" skip=$i count=1 2>/dev/null | sum)
    all="$all \${d%% *}"
    i=$((i + 1))
  done
  say "\${all# }"
}

is_alive() {
  s=$(cat "/proc/$1/stat" 2>/dev/null)
  case $s in ""|*") Z "*|*") X "*) return 1;; esac
}

parts() {
  all=
  for f in "$1"/."$2".*.part; do
    if [ -L "$f" ] || [ -f "$f" ]; then :; else continue; fi
    rest=\${f%.*.part}; pid=\${rest##*.}; rest=\${rest%.*}
    if [ "\${rest##*.}" != "$3" ] && is_alive "$pid" && [ -z "$(find "$f" -mmin +1 2>/dev/null)" ]; then
      all="$all$tab*\${f##*/}"
    else
      all="$all$tab\${f##*/}"
    fi
  done
  say "\${all#"$tab"}"
}

install() {
  staged=$1; part=$2; target=$3; folder=$4; set -f; IFS=$tab; set -- $5; IFS=; set +f
  for f in "$target" "$@"; do
    if [ -L "$f" ]; then say "symlink$tab$f"; return; fi
  done
  if [ -d "$target" ]; then say "other"; return; fi
  e=$(mkdir -p "$folder" 2>&1) || { say "folder$tab$e"; return; }
  e=$( { set -C; umask 077; cat "$staged" > "$part"; } 2>&1) || { rm -f "$part"; say "copy$tab$e"; return; }
  sync "$part" 2>/dev/null || sync
  say "copied"
}

discard() { rm -f "$1"; say "done"; }
remove() {
  e=$(rm -f "$1" 2>&1) || { say "refused$tab$e"; return; }
  f=\${1%/*}
  while [ "$f" != "$root" ] && rmdir "$f" 2>/dev/null; do f=\${f%/*}; done
  say "done"
}

say "ready$tab$(uname -m)$tab$$"
while IFS=$tab read -r verb a b c e f; do
  case $verb in
    look) look "$a";;
    know) know "$a";;
    finish) finish "$a" "$b" "$c" "$e";;
    blocks) blocks "$a" "$b" "$c";;
    parts) parts "$a" "$b" "$c";;
    install) install "$a" "$b" "$c" "$e" "$f";;
    discard) discard "$a";;
    remove) remove "$a";;
  esac
done
`

/**
 * A folder of the user's own for files on their way to root: always the same one, so that what is begun can be gone on
 * with; a new one where that cannot be had.
 */
export const STAGE = `${COMMON}
umask 077
d=\${XDG_CACHE_HOME:-$HOME/.cache}/pkgcache
if mkdir -p "$d" 2>/dev/null && [ -d "$d" ] && [ -O "$d" ] && [ ! -L "$d" ]; then chmod 700 "$d"
else d=$(mktemp -d -t pkgcache.XXXXXXXXXX)
fi
say "$d"
`

/** The last marked answer in what a command printed. */
export function answer(stdout: string): string | undefined {
  return stdout
    .split('\n')
    .findLast((line) => line.startsWith(MARK))
    ?.slice(MARK.length)
    .trim()
}
