import { once } from 'node:events'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { findProgram, start } from './system.mjs'

const STATIC_SERVER = fileURLToPath(new URL('./static-server.mjs', import.meta.url))

/**
 * Serves a folder over HTTP from a process of its own: nginx, or a small server in Node where there is none.
 * @param {import('./system.mjs').Bench} bench
 * @param {string} dir
 * @returns {Promise<{ url: string, program: string }>} `url` ends with a slash
 */
export async function startUpstream(bench, dir) {
  const port = await freePort()
  const nginx = findProgram('nginx')
  const child = nginx
    ? await startNginx(nginx, bench, dir, port)
    : start(process.execPath, [STATIC_SERVER, dir, `${port}`])
  let said = ''
  child.stderr?.on('data', (data) => (said += data))
  bench.onEnd(async () => {
    if (child.exitCode === null && child.signalCode === null && child.kill('SIGTERM'))
      await once(child, 'exit')
  })
  for (let attempt = 0; !(await answers(port)); attempt++) {
    if (attempt > 100 || child.exitCode !== null) throw new Error(`the upstream did not come up\n${said}`)
    await sleep(50)
  }
  return { url: `http://127.0.0.1:${port}/`, program: nginx ? 'nginx' : 'a server in Node' }
}

/** @param {string} nginx @param {import('./system.mjs').Bench} bench @param {string} dir @param {number} port */
async function startNginx(nginx, bench, dir, port) {
  // one of its own for each upstream of a run: two groups of rows start one
  const folder = await mkdtemp(join(bench.temp, 'nginx-'))
  const temps = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${folder};`,
  )
  const lines = [
    'daemon off; master_process off; worker_processes 1;',
    `pid ${folder}/pid; error_log stderr error;`,
    'events { worker_connections 256; }',
    `http { access_log off; sendfile on; tcp_nopush on; ${temps.join(' ')}`,
    `server { listen 127.0.0.1:${port}; root "${dir}"; } }`,
  ]
  await writeFile(join(folder, 'nginx.conf'), lines.join('\n'))
  return start(nginx, ['-c', join(folder, 'nginx.conf'), '-p', folder, '-e', 'stderr'])
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

/** @param {number} port @returns {Promise<boolean>} */
function answers(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('error', () => resolve(false))
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })
}
