import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** Who holds a lock, so that others can tell whether that process still lives. */
export interface Owner {
  readonly host: string
  /** Kernel boot and PID namespace: process ids mean something only within both. Empty where unknown. */
  readonly space: string
  readonly pid: number
  /** Start of the process in clock ticks since boot, against reused ids. Empty where unknown. */
  readonly started: string
}

function attempt(read: () => string): string {
  try {
    return read()
  } catch {
    return ''
  }
}

function startTime(pid: number | 'self'): string {
  // field 22 of proc(5) stat, counted after the command name, which may itself hold spaces and brackets
  return attempt(() => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  })
}

export function currentOwner(): Owner {
  const boot = attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim())
  const namespace = attempt(() => readlinkSync('/proc/self/ns/pid'))
  return { host: hostname(), space: boot + namespace, pid: process.pid, started: startTime('self') }
}

/** `unknown` when the owner lives on another machine or in another container: only its heartbeat can tell. */
export function ownerState(owner: Owner, me: Owner): 'alive' | 'dead' | 'unknown' {
  if (owner.host !== me.host || owner.space !== me.space) return 'unknown'
  try {
    process.kill(owner.pid, 0)
  } catch (error) {
    const gone = error instanceof Error && 'code' in error && error.code === 'ESRCH'
    if (gone) return 'dead'
  }
  return owner.started === '' || startTime(owner.pid) === owner.started ? 'alive' : 'dead'
}
