import { quote, type Target } from './paths.ts'

// Every command that runs on a node is here. Scripts hold no single quote and no line break, so that any login shell
// (sh, csh, fish) hands them to sh unchanged; paths are arguments, never part of a script. Answers are marked: what the
// login shell prints around them does not matter.

// openssl first: it uses the processor's SHA instructions, 4 times as fast as coreutils 9.1.
const HASH =
  'openssl dgst -sha256 -r < "$p" 2>/dev/null || sha256sum < "$p" 2>/dev/null || shasum -a 256 < "$p" 2>/dev/null || echo none'
const HASHER = `while IFS= read -r p; do printf "\\npkgcache-sha256:%s\\n" "$(${HASH})"; done`

const STATE = [
  'if [ -L "$1" ]; then s=symlink',
  'elif [ -f "$1" ]; then s=$(wc -c < "$1")',
  'elif [ -e "$1" ]; then s=other',
  'else s=missing',
  'fi',
  'printf "\\npkgcache-state:%s\\n" $s',
].join('; ')

const STAGE = 'umask 077 && printf "\\npkgcache-stage:%s\\n" "$(mktemp -d -t pkgcache.XXXXXXXXXX)"'

/** Exit codes of the install script that stand for one cause each. */
export const INSTALL_EXIT = { symlink: 70, folder: 71, copy: 72, rename: 73 } as const

const INSTALL = [
  'LC_ALL=C; export LC_ALL; umask 022',
  'staged=$1; target=$2; folder=$3; part=$4; shift 4',
  `for d in "$@" "$target"; do if [ -L "$d" ]; then exit ${INSTALL_EXIT.symlink}; fi; done`,
  `if [ -d "$target" ]; then exit ${INSTALL_EXIT.rename}; fi`,
  `mkdir -p "$folder" || exit ${INSTALL_EXIT.folder}`,
  'trap "rm -f \\"\\$part\\"" EXIT',
  'set -C',
  `(umask 077; cat "$staged" > "$part") || exit ${INSTALL_EXIT.copy}`,
  `cmp "$staged" "$part" && chmod 644 "$part" || exit ${INSTALL_EXIT.copy}`,
  'sync "$part" 2>/dev/null || sync',
  `mv -f "$part" "$target" || exit ${INSTALL_EXIT.rename}`,
].join('; ')

function run(script: string, args: readonly string[], sudo = false): string {
  return `${sudo ? 'sudo -n ' : ''}sh -c ${quote(script)} sh ${args.map(quote).join(' ')}`.trimEnd()
}

/** Reads paths, one a line, and answers each with `pkgcache-sha256:<hex>`, or `none` without a tool or permission. */
export const HASHER_COMMANDS = { plain: run(HASHER, []), sudo: run(HASHER, [], true) } as const

/** Answers `pkgcache-state:` and `missing`, `symlink`, `other` or the size in bytes. */
export const stateCommand = (path: string): string => run(STATE, [path], true)

/** Makes a private folder and answers `pkgcache-stage:<path>`. */
export const stageCommand = (): string => run(STAGE, [])

/** Copies a staged file to a part beside the target as root, compares, flushes, renames. */
export const installCommand = (staged: string, part: string, target: Target): string =>
  run(INSTALL, [staged, target.path, target.folder, part, ...target.below], true)

/** The last answer marked with `name` in what a command printed. */
export function answer(stdout: string, name: 'sha256' | 'state' | 'stage'): string | undefined {
  const marker = `pkgcache-${name}:`
  return stdout
    .split('\n')
    .findLast((line) => line.startsWith(marker))
    ?.slice(marker.length)
    .trim()
}
