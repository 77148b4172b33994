import type { NodeArtifact, NodeTask } from '@pkgcache/core'
import { PkgcacheError } from '@pkgcache/core/errors'
import { answer, COMMON, START_COMMANDS, startInput } from './commands.ts'
import { denied, explain, noSpace, symlink } from './faults.ts'
import type { Executed } from './link.ts'
import { targetOf } from './paths.ts'
import type { Remote } from './remote.ts'

/** How long a command of the user's may take without a word, in ms. */
const COMMAND_TIME = 30 * 60_000

/**
 * Unpacks beside the folder it is to become, so that a folder of a version is whole or not there. What was done is noted
 * in `<root>/.pkgcache/tasks`, so that it is done again only when the artifact or the task changed.
 */
const APPLY = `${COMMON}
IFS= read -r root; IFS= read -r archive; IFS= read -r into; IFS= read -r version
IFS= read -r strip; IFS= read -r sha; IFS= read -r name; IFS= read -r platform; IFS= read -r arch
command=$(cat)
notes=$root/.pkgcache/tasks
note=$notes/$name-$platform-$arch
wanted="$sha $version $strip $into $(printf %s "$command" | cksum)"
here=\${archive%/*}
fail() { say "$1$tab$2"; exit 0; }
if [ "$into" != - ]; then here=$into/$version; fi
if [ "$(cat "$note" 2>/dev/null)" = "$wanted" ]; then
  if [ "$into" = - ]; then fail present; fi
  if [ -d "$here" ] && [ "$(readlink "$into/current")" = "$version" ]; then fail present; fi
fi
unpack() {
  case $archive in
    *.tar.zst) if command -v zstd >/dev/null 2>&1; then zstd -dcq "$archive"; else unzstd -cq "$archive"; fi;;
    *.tar.gz|*.tgz) gzip -dc "$archive";;
    *.tar.bz2) bzip2 -dc "$archive";;
    *.tar.xz) xz -dc "$archive";;
    *.tar) cat "$archive";;
    *) echo "it is no tar archive" >&2; return 1;;
  esac
}
put() {
  e=$(mkdir -p "$into" 2>&1) || fail denied "$e"
  if [ -L "$here" ]; then fail symlink "$here"; fi
  if [ -e "$into/current" ] && [ ! -L "$into/current" ]; then fail unpack "$into/current is there and is no link"; fi
  new=$into/.$version.$$.part
  rm -rf "$into/.$version".*.part "$into/.$version".*.old
  e=$(mkdir "$new" 2>&1) || fail denied "$e"
  trap "rm -rf \\"\\$new\\"" EXIT
  e=$( { { unpack && echo unpacked > "$new/.pkgcache"; } | tar -x -o -p -f - -C "$new" --strip-components="$strip"; } 2>&1)
  ok=$?
  if [ $ok != 0 ] || [ ! -f "$new/.pkgcache" ]; then fail unpack "$e"; fi
  rm -f "$new/.pkgcache"
  if [ -e "$here" ]; then mv "$here" "$into/.$version.$$.old"; fi
  e=$(mv "$new" "$here" 2>&1) || fail denied "$e"
  rm -rf "$into/.$version.$$.old"
  e=$(ln -s "$version" "$into/.current.$$" 2>&1 && mv -fT "$into/.current.$$" "$into/current" 2>&1) || fail denied "$e"
}
if [ "$into" != - ]; then put; fi
if [ -n "$command" ]; then
  PKGCACHE_NAME=$name PKGCACHE_VERSION=$version PKGCACHE_ARCH=$arch PKGCACHE_PLATFORM=$platform
  PKGCACHE_FILE=$archive PKGCACHE_FOLDER=$here
  export PKGCACHE_NAME PKGCACHE_VERSION PKGCACHE_ARCH PKGCACHE_PLATFORM PKGCACHE_FILE PKGCACHE_FOLDER
  e=$(cd "$here" && sh -c "$command" 2>&1 </dev/null) || { c=$?; fail command "$c$tab$(printf %s "$e" | tail -n 1)"; }
fi
mkdir -p "$notes" 2>/dev/null && printf %s "$wanted" > "$note"
say done
`

const RUN = `${COMMON}
while IFS= read -r line && [ "$line" != - ]; do export "$line"; done
command=$(cat)
e=$(sh -c "$command" 2>&1 </dev/null) || { c=$?; say "command$tab$c$tab$(printf %s "$e" | tail -n 1)"; exit 0; }
say done
`

/** Does what a package asks for on this node, if it is not done yet. */
export async function applyTask(
  remote: Remote,
  { delivery, key }: NodeArtifact,
  task: NodeTask,
): Promise<'present' | 'done'> {
  const { node } = remote.link
  const target = targetOf(node, delivery.remotePath)
  const into = checkFolder(task.extractTo)
  const lines = [target.root, target.path, into ?? '-', key.version, `${task.strip ?? 0}`, delivery.sha256]
  const input = startInput(APPLY, [...lines, key.name, key.platform, key.arch]) + (task.command ?? '')
  const said = await execute(remote, input, 'doing what its package asks for with', target.path)
  const [kind = '', detail = '', more = ''] = said.split('\t')
  switch (kind) {
    case 'done':
    case 'present':
      return kind
    case 'symlink':
      throw symlink(detail)
    case 'denied':
      throw denied(node, into ?? target.folder, `cannot be written: ${JSON.stringify(detail)}`)
    case 'command':
      throw commandFault(task.command ?? '', detail, more)
    default:
      if (/No space left/i.test(detail)) throw noSpace(into ?? target.path, delivery.size)
      throw new PkgcacheError(
        'E_NODE_UNPACK',
        `${target.path} cannot be unpacked: ${JSON.stringify(detail)}`,
        {
          hint: unpackHint(detail),
        },
      )
  }
}

/** Runs a command of the user's with variables of its own. @throws E_NODE_COMMAND */
export async function runCommand(
  remote: Remote,
  command: string,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const lines = Object.entries(env).map(([name, value]) => `${name}=${value.replaceAll('\n', ' ')}`)
  const said = await execute(remote, `${startInput(RUN, [...lines, '-'])}${command}`, 'running', 'a command')
  const [kind, code = '', line = ''] = said.split('\t')
  if (kind !== 'done') throw commandFault(command, code, line)
}

async function execute(remote: Remote, input: string, step: string, what: string): Promise<string> {
  const { node } = remote.link
  let executed: Executed
  try {
    const scope = { ...remote.scope(step, what), extra: COMMAND_TIME }
    executed = await remote.link.exec(scope, START_COMMANDS[node.sudo ? 'sudo' : 'plain'], input)
  } catch (error) {
    throw explain(error, node, what, step)
  }
  const said = answer(executed.stdout)
  if (said !== undefined) return said
  const why = JSON.stringify(executed.stderr.trim().split('\n').at(-1)?.slice(0, 200) ?? '')
  if (node.sudo) throw denied(node, what, `cannot be used with sudo: ${why}`)
  throw new PkgcacheError('E_NODE_SHELL', `its shell does not start sh: ${why}`, {
    hint: 'onNode and fallback need an account that may run commands',
  })
}

function commandFault(command: string, code: string, line: string): PkgcacheError {
  const why = line === '' ? '' : `: ${JSON.stringify(line)}`
  return new PkgcacheError(
    'E_NODE_COMMAND',
    `${JSON.stringify(shortened(command))} ended with ${code}${why}`,
    {
      hint: 'run it on the node by hand to see all it says',
    },
  )
}

function shortened(command: string): string {
  return command.length > 80 ? `${command.slice(0, 80)}…` : command
}

function unpackHint(why: string): string {
  const program = /(zstd|gzip|bzip2|xz|tar): .*not found|(zstd|gzip|bzip2|xz|tar): command/.exec(why)
  const missing = program?.[1] ?? program?.[2]
  return missing === undefined
    ? 'the file itself is right; look at extractTo and strip, and at the disk of the node'
    : `install ${missing} on the node`
}

/** @throws E_CONFIG */
function checkFolder(path: string | undefined): string | undefined {
  if (path === undefined) return undefined
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
  const plain = /^\/[^\u0000-\u001f\u007f]*$/.test(path) && !path.split('/').includes('..') && path !== '/'
  if (plain) return path.replace(/\/+$/, '')
  throw new PkgcacheError('E_CONFIG', `extractTo ${JSON.stringify(path)} cannot be used`, {
    hint: 'give an absolute folder on the node, without ".." and control characters',
  })
}
