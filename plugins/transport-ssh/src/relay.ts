import type { Delivery } from '@pkgcache/core'
import { PkgcacheError } from '@pkgcache/core/errors'
import { answer, COMMON, MARK, START_COMMANDS, startInput } from './commands.ts'
import type { Identity, Place } from './connection.ts'
import { explain } from './faults.ts'
import { keyType } from './known-hosts.ts'
import type { Lendable } from './lending.ts'
import type { Target } from './paths.ts'
import type { Remote } from './remote.ts'
import { checkRoom, type Fill, openPart } from './send.ts'

/** Slowest line between two nodes that is still waited for, in bytes per ms. */
const SLOWEST_LINE = 50

/** Where one node sends a file to on another: everything it needs to know, and nothing it could use later. */
export interface Receiver {
  readonly place: Place
  /** The host key that was checked from here, as known_hosts spells it: `ssh-ed25519 AAAA…`. */
  readonly hostKey: string
  /** Absolute path on the receiving node; what is sent is appended. */
  readonly part: string
  /** Bytes of the file that it holds already. */
  readonly offset: number
  /** What this machine logs in to it with. */
  readonly identity: Lendable
  /** A private key on the sending node, to be used in its place. */
  readonly identityFile?: string
}

const RECEIVE = `IFS= read -r p; cat >> "$p" && printf "\\n${MARK}received\\n"`

const SERVE = `${COMMON}
IFS= read -r file; IFS= read -r offset; IFS= read -r host; IFS= read -r port; IFS= read -r user
IFS= read -r hostkey; IFS= read -r identity; IFS= read -r command; IFS= read -r script; IFS= read -r part
known=$(mktemp) || { say "failed$tab no temporary file"; exit 0; }
trap "rm -f \\"\\$known\\"" EXIT
printf "pkgcache-relay %s\\n" "$hostkey" > "$known"
if [ "$identity" != - ]; then set -- -i "$identity" -o IdentitiesOnly=yes -o IdentityAgent=none; else set --; fi
e=$({ printf "%s\\n%s\\n" "$script" "$part"; tail -c "+$((offset + 1))" "$file"; } 2>/dev/null |
  ssh -F /dev/null -T -p "$port" -l "$user" -o BatchMode=yes -o HostKeyAlias=pkgcache-relay \\
    -o UserKnownHostsFile="$known" -o GlobalKnownHostsFile=/dev/null -o StrictHostKeyChecking=yes \\
    -o ConnectTimeout=20 -o ServerAliveInterval=15 -o ServerAliveCountMax=3 "$@" -- "$host" "$command" 2>&1)
case $e in
  *${MARK}received*) say received;;
  *) say "failed$tab$(printf %s "$e" | tail -n 1)";;
esac
`

/** Fills a part by way of another node: makes it, tells that node where it is, and waits. Nothing passes this machine. */
export function fillFrom(
  remote: Remote,
  delivery: Delivery,
  serve: (receiver: Receiver) => Promise<void>,
): Fill {
  return async (part) => {
    const { connection } = remote.link
    await checkRoom(remote, part.path, delivery.size - part.offset)
    const handle = await openPart(remote, part)
    await remote.link.call(remote.scope('writing', part.path), (sftp, done) => sftp.close(handle, done))
    await serve({
      place: connection.place,
      hostKey: `${keyType(connection.hostKey)} ${connection.hostKey.toString('base64')}`,
      part: part.path,
      offset: part.offset,
      identity: lendable(connection.identity),
    })
    return 0
  }
}

/** Sends a file of this node to another one, with a key that is lent to it for just that. @throws E_NODE, E_NODE_LOST, … */
export async function serveFile(
  remote: Remote,
  delivery: Delivery,
  target: Target,
  receiver: Receiver,
): Promise<void> {
  const { link } = remote
  const isLent = receiver.identityFile === undefined
  const end = isLent ? link.connection.lending.lend(receiver.identity) : () => undefined
  const scope = {
    ...remote.scope('having it send', target.path),
    extra: 30_000 + (delivery.size - receiver.offset) / SLOWEST_LINE,
  }
  let said: string
  try {
    said = (await link.exec(scope, START_COMMANDS.plain, serveInput(target, receiver), isLent)).stdout
  } catch (error) {
    if (error instanceof PkgcacheError || link.failure !== undefined)
      throw explain(error, link.node, target.path, 'serving')
    throw cannot(`be lent a key: ${JSON.stringify(error instanceof Error ? error.message : error)}`, error)
  } finally {
    end()
  }
  const [kind, why = ''] = (answer(said) ?? '').split('\t')
  const { host, port } = receiver.place
  if (kind !== 'received') throw cannot(`send to ${host}:${port}: ${JSON.stringify(why.trim())}`)
}

function serveInput(target: Target, { place, hostKey, part, offset, identityFile }: Receiver): string {
  const login = [place.host, `${place.port}`, place.username, hostKey, identityFile ?? '-']
  const script = startInput(RECEIVE, []).trimEnd()
  return startInput(SERVE, [target.path, `${offset}`, ...login, START_COMMANDS.plain, script, part])
}

function cannot(what: string, cause?: unknown): PkgcacheError {
  return new PkgcacheError('E_NODE', `it cannot ${what}`, {
    cause,
    hint: 'for via: "tree" nodes need an ssh client, a way to each other, and agent forwarding or a key named by identityFile',
  })
}

/** What was logged in with, as it can be lent. */
function lendable({ key, agent }: Identity): Lendable {
  const blob = key.getPublicSSH()
  return agent === undefined ? { blob, pem: key.getPrivatePEM() } : { blob, agent }
}
