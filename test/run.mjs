// `npm test`: types, lint, then every suite. Ends with what was left out, and `N passed, N failed`.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { installMissing, missingPrograms } from './programs.mjs'

const bin = (name) => join(import.meta.dirname, '../node_modules/.bin', name)
const scratch = mkdtempSync(join(tmpdir(), 'pkgcache-test-'))
const results = join(scratch, 'results.json')
const env = { ...process.env }
const buildWorld = join(import.meta.dirname, '../../shared/world/build.sh')

/** Checks before the suites: each counts as one test. */
const CHECKS = [
  { name: 'build and types', command: [bin('tsc'), '-b'] },
  { name: 'types of the tests', command: [bin('tsc'), '-p', 'test/tsconfig.json'] },
  { name: 'lint and format', command: [bin('biome'), 'check', '--error-on-warnings', '.'] },
]

/** @returns {Promise<{ code: number | null, leftOut: string[] }>} */
function run([program, ...args]) {
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: join(import.meta.dirname, '..'),
    env,
  })
  const leftOut = new Set()
  const tee = (from, to) => {
    let rest = ''
    from.setEncoding('utf8').on('data', (text) => {
      to.write(text)
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines)
        if (/left out: /.test(line)) leftOut.add(line.slice(line.indexOf('left out: ')))
    })
  }
  tee(child.stdout, process.stdout)
  tee(child.stderr, process.stderr)
  return new Promise((done, failed) => {
    child.once('error', failed)
    child.once('close', (code) => done({ code, leftOut: [...leftOut] }))
  })
}

let passed = 0
let failed = 0

installMissing()
for (const { name, command } of CHECKS) {
  const { code } = await run(command)
  console.log(`${code === 0 ? 'ok' : 'FAILED'}: ${name}`)
  if (code === 0) passed++
  else failed++
}

// once, for all suites that want the real-size world
if (env.PKGCACHE_WORLD === undefined && existsSync(buildWorld)) {
  const { code } = await run(['bash', buildWorld, join(scratch, 'world')])
  if (code === 0) env.PKGCACHE_WORLD = join(scratch, 'world')
}

const { code, leftOut } = await run([
  bin('vitest'),
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile=${results}`,
  ...process.argv.slice(2),
])
if (existsSync(results)) {
  const { numPassedTests, numFailedTests, numFailedTestSuites } = JSON.parse(readFileSync(results, 'utf8'))
  passed += numPassedTests
  failed += numFailedTests || (code === 0 ? 0 : Math.max(numFailedTestSuites, 1))
} else {
  failed++
}
rmSync(scratch, { recursive: true, force: true })

for (const { program, debian, for: what } of missingPrograms()) {
  console.log(`missing: ${program} (Debian: ${debian}), for ${what}`)
}
for (const line of leftOut) console.log(line)
if (leftOut.length > 0 && process.env.PKGCACHE_TEST_COMPLETE === '1') {
  console.log(`${leftOut.length} suites were left out where none may be`)
  failed++
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
