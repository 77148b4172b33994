import { spawn } from 'node:child_process'

/** A program on a terminal of its own: util-linux's `script` between it and us. */
export interface Terminal {
  /** Everything it wrote so far. */
  output(): string
  /** @throws Error when the text has not come after ten seconds */
  waitFor(text: string | RegExp): Promise<void>
  type(keys: string): void
  /** Its exit code. */
  readonly ended: Promise<number | null>
}

/** @param command for the shell */
export function onTerminal(
  command: string,
  options: { readonly cwd: string; readonly env?: Record<string, string | undefined> },
): Terminal {
  const child = spawn('script', ['-qefc', `stty rows 30 cols 100; ${command}`, '/dev/null'], {
    cwd: options.cwd,
    env: { ...process.env, TERM: 'xterm', CI: '', GITHUB_ACTIONS: '', ...options.env },
    stdio: ['pipe', 'pipe', 'inherit'],
    timeout: 60_000,
    killSignal: 'SIGKILL',
  })
  let text = ''
  const waiting = new Set<() => void>()
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
    for (const look of waiting) look()
  })
  const ended = new Promise<number | null>((done) => child.once('close', done))
  return {
    ended,
    output: () => text,
    type: (keys) => child.stdin.write(keys),
    waitFor: (expected) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`no ${expected} in ${JSON.stringify(text)}`)), 10_000)
        const look = () => {
          if (typeof expected === 'string' ? !text.includes(expected) : !expected.test(text)) return
          clearTimeout(timer)
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      }),
  }
}
