import { readdirSync, readFileSync } from 'node:fs'

/** Process ids of the children of a process; empty when it is gone (proc(5), `/proc/pid/task/tid/children`). */
export function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    return text.trim().split(/\s+/).filter(Boolean).map(Number)
  } catch {
    return []
  }
}

/** The children of a process, theirs, and so on. */
export function descendantsOf(pid: number): number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)])
}

/** Processes that were started in an SSH session with a server, also those that outlived it (ssh(1), SSH_CONNECTION). */
export function inSessionWith(address: string, port: number): number[] {
  const mark = new RegExp(`(^|\0)SSH_CONNECTION=\\S+ \\d+ ${address} ${port}(\0|$)`)
  const isOfSession = (pid: string) => {
    try {
      return mark.test(readFileSync(`/proc/${pid}/environ`, 'utf8'))
    } catch {
      return false
    }
  }
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && isOfSession(name))
    .map(Number)
}
