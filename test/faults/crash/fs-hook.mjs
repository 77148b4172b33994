// Loaded into the command with `--import`: counts what it changes below one folder and, at one of these changes, kills
// the process or lets the change fail. So every boundary between two changes is tried, and nothing of it is in the
// product. Set by PKGCACHE_TEST_FS, a JSON text: { under, log?, at?, thread?, act? }.
import fs from 'node:fs'
import promises from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { isMainThread } from 'node:worker_threads'

/** @type {{ under: string, log?: string, at?: number, thread?: string, act?: string }} */
const plan = JSON.parse(process.env.PKGCACHE_TEST_FS ?? '{"under":"/nowhere"}')
const thread = isMainThread ? 'main' : 'worker'
const paths = new WeakMap()
const descriptors = new Map()
const { appendFileSync } = fs
let count = 0

/**
 * @param {string} op
 * @param {unknown} path
 */
function step(op, path) {
  if (typeof path !== 'string' || !path.startsWith(plan.under)) return
  count++
  if (plan.log !== undefined)
    appendFileSync(plan.log, `${thread} ${count} ${op} ${path.slice(plan.under.length)}\n`)
  if (plan.at !== count || plan.thread !== thread) return
  if (plan.act === 'kill') process.kill(process.pid, 'SIGKILL')
  if (plan.act !== undefined && plan.act !== 'kill') {
    throw Object.assign(new Error(`${plan.act}: injected, ${op} '${path}'`), {
      code: plan.act,
      syscall: op,
      errno: -1,
    })
  }
}

const writes = (flags) => (typeof flags === 'string' ? flags !== 'r' : ((flags ?? 0) & 3) !== 0)

/** Functions whose first argument is the path that changes. */
for (const op of [
  'mkdir',
  'rename',
  'link',
  'rm',
  'unlink',
  'chmod',
  'writeFile',
  'utimes',
  'mkdtemp',
  'truncate',
]) {
  const original = promises[op]
  promises[op] = async (path, ...rest) => {
    // a heartbeat comes when it comes
    if (op !== 'utimes') step(op, path)
    return original(path, ...rest)
  }
}
const { copyFile, open } = promises
promises.copyFile = async (from, to, ...rest) => {
  step('copyFile', to)
  return copyFile(from, to, ...rest)
}
promises.open = async (path, flags, ...rest) => {
  if (writes(flags)) step('open', path)
  const handle = await open(path, flags, ...rest)
  paths.set(handle, path)
  wrapHandle(Object.getPrototypeOf(handle))
  return handle
}

let wrapped = false
function wrapHandle(prototype) {
  if (wrapped) return
  wrapped = true
  for (const op of ['write', 'writeFile', 'appendFile', 'truncate', 'sync', 'datasync', 'chmod']) {
    const original = prototype[op]
    prototype[op] = async function (...args) {
      step(op, paths.get(this))
      return original.apply(this, args)
    }
  }
}

const { openSync, writeSync, fsyncSync } = fs
fs.openSync = (path, flags, ...rest) => {
  if (writes(flags)) step('open', path)
  const fd = openSync(path, flags, ...rest)
  descriptors.set(fd, path)
  return fd
}
fs.writeSync = (fd, ...rest) => {
  step('write', descriptors.get(fd))
  return writeSync(fd, ...rest)
}
fs.fsyncSync = (fd) => {
  step('sync', descriptors.get(fd))
  return fsyncSync(fd)
}
syncBuiltinESMExports()
