import { open } from 'node:fs/promises'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { PkgcacheError, systemCode } from '@pkgcache/core/errors'
import SSHConfig from 'ssh-config'
import { expandGlob } from './glob.ts'
import { expandHome } from './paths.ts'

/** A line of a config: where it stands, and what it says. */
export interface Directive {
  readonly file: string
  /** From 1. */
  readonly line: number
  /** As written. */
  readonly keyword: string
  readonly args: readonly string[]
  /** What a Host or Match line is followed by, or the files an Include brings in, each as a whole. */
  readonly bodies: readonly (readonly Directive[])[]
}

// As in OpenSSH (READCONF_MAX_DEPTH); together with it, what a slip of the pen can cost is bounded.
const MAX_DEPTH = 16
const MAX_FILES = 500
const MAX_BYTES = 4 * 1024 * 1024

/** What is going on while a config is read. */
interface Reading {
  readonly home: string
  /** Owner and permissions count, as for ssh's own default file. */
  readonly checked: boolean
  files: number
}

/**
 * Reads a config and what it includes, in the format of ssh_config(5).
 * @param checked refuse files that others can write, as ssh(1) does for `~/.ssh/config`
 * @returns undefined when the file is not there
 * @throws E_SSH_CONFIG
 */
export async function readSshConfig(
  file: string,
  checked: boolean,
): Promise<readonly Directive[] | undefined> {
  return readOne(file, 0, { home: homedir(), checked, files: 0 })
}

async function readOne(
  file: string,
  depth: number,
  reading: Reading,
): Promise<readonly Directive[] | undefined> {
  const text = await readText(file, reading)
  if (text === undefined) return undefined
  if (depth > MAX_DEPTH || ++reading.files > MAX_FILES) {
    throw new PkgcacheError('E_SSH_CONFIG', `${file} is included too deep or too often`, {
      hint: 'look for an Include that leads back to its own file',
    })
  }
  return withIncludes(parse(text, file), depth, reading)
}

async function withIncludes(
  directives: readonly Directive[],
  depth: number,
  reading: Reading,
): Promise<readonly Directive[]> {
  const result: Directive[] = []
  for (const one of directives) {
    const bodies = isInclude(one)
      ? await include(one, depth, reading)
      : await Promise.all(one.bodies.map((body) => withIncludes(body, depth, reading)))
    result.push({ ...one, bodies })
  }
  return result
}

function isInclude(one: Directive): boolean {
  return one.keyword.toLowerCase() === 'include'
}

async function include(one: Directive, depth: number, reading: Reading): Promise<(readonly Directive[])[]> {
  const bodies: (readonly Directive[])[] = []
  for (const pattern of one.args) {
    const path = expandHome(pattern)
    const absolute = isAbsolute(path) ? path : join(reading.home, '.ssh', path)
    for (const file of await expandGlob(absolute)) {
      const body = await readOne(file, depth + 1, reading)
      if (body !== undefined) bodies.push(body)
    }
  }
  return bodies
}

async function readText(file: string, { checked }: Reading): Promise<string | undefined> {
  const fail = (why: string, hint: string, cause?: unknown) =>
    new PkgcacheError('E_SSH_CONFIG', `the SSH config ${file} ${why}`, { hint, cause })
  try {
    const handle = await open(file, 'r')
    try {
      const { mode, uid, size } = await handle.stat()
      if (size > MAX_BYTES) throw fail(`is larger than ${MAX_BYTES} bytes`, 'name the right file')
      const owners = [0, process.getuid?.() ?? uid]
      if (checked && (!owners.includes(uid) || (mode & 0o022) !== 0))
        throw fail('can be written by others, who could send you elsewhere', `chmod go-w ${file}`)
      return await handle.readFile('utf8')
    } finally {
      await handle.close()
    }
  } catch (cause) {
    if (cause instanceof PkgcacheError) throw cause
    if (systemCode(cause) === 'ENOENT') return undefined
    throw fail(`cannot be read (${systemCode(cause)})`, 'check the path and its permissions', cause)
  }
}

type ParsedLine = ReturnType<typeof SSHConfig.parse>[number]

/** @throws E_SSH_CONFIG */
function parse(text: string, file: string): Directive[] {
  let parsed: readonly ParsedLine[]
  try {
    parsed = SSHConfig.parse(text)
  } catch (cause) {
    const why =
      cause instanceof TypeError ? 'a Host, Match or Include has no value' : (cause as Error).message
    throw new PkgcacheError('E_SSH_CONFIG', `the SSH config ${file} cannot be understood: ${why}`, {
      cause,
      hint: 'ssh -G HOST names the line',
    })
  }
  checkHashes(text, file)
  return toDirectives(parsed, file, { line: 1 })
}

/** The parser takes `#` within a word for a comment, which ssh(1) does not. @throws E_SSH_CONFIG */
function checkHashes(text: string, file: string): void {
  for (const [index, line] of text.split('\n').entries()) {
    const bare = line
      .trim()
      .replace(/"[^"]*"/g, '')
      .replace(/\s#.*$/, '')
    if (bare.startsWith('#') || !bare.includes('#')) continue
    throw new PkgcacheError('E_SSH_CONFIG', `${file} line ${index + 1}: a value holds an unquoted #`, {
      hint: 'put the value between double quotes',
    })
  }
}

/** The parser keeps all white space, and no line numbers: they are counted from it. */
function toDirectives(lines: readonly ParsedLine[], file: string, position: { line: number }): Directive[] {
  return lines.flatMap((one) => {
    position.line += breaks(one.before)
    const { line } = position
    if (one.type !== SSHConfig.DIRECTIVE) {
      position.line += breaks(one.after)
      return []
    }
    checkShape(one.param + one.separator, file, line)
    position.line += breaks(one.after)
    const args = Array.isArray(one.value) ? one.value.map(({ val }) => val) : [one.value]
    const bodies = 'config' in one ? [toDirectives(one.config, file, position)] : []
    return [{ file, line, keyword: one.param, args, bodies }]
  })
}

function breaks(space: string): number {
  return space.split('\n').length - 1
}

/** The parser lets a keyword without a value run into the next line. */
function checkShape(head: string, file: string, line: number): void {
  if (!/[\r\n]/.test(head)) return
  const keyword = head.trim().split(/\s/)[0]
  throw new PkgcacheError('E_SSH_CONFIG', `${file} line ${line}: ${keyword} has no value`, {
    hint: 'give it one, or remove the line',
  })
}
