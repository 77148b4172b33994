// `npm run test:faults [area…]`: builds, runs the battery, and tells how many cases there are and how they went.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'

const root = join(import.meta.dirname, '../..')
const bin = (name) => join(root, 'node_modules/.bin', name)
const scratch = mkdtempSync(join(tmpdir(), 'pkgcache-faults-'))
const results = join(scratch, 'results.json')

/** @param {string[]} command */
function run([program, ...args]) {
  return spawnSync(program, args, { cwd: root, stdio: 'inherit' }).status ?? 1
}

if (run([bin('tsc'), '-b']) !== 0) {
  console.log('0 passed, 1 failed')
  process.exit(1)
}
const areas = process.argv.slice(2).map((area) => `test/faults/${area}/`)
const report = ['--reporter=default', '--reporter=json', `--outputFile=${results}`]
const code = run([bin('vitest'), 'run', ...report, ...(areas.length > 0 ? areas : ['test/faults/'])])

/** @type {{ name: string, assertionResults: { status: string }[] }[]} */
const files = existsSync(results) ? JSON.parse(readFileSync(results, 'utf8')).testResults : []
rmSync(scratch, { recursive: true, force: true })

let [passed, failed, cases] = [0, 0, 0]
for (const { name, assertionResults } of files) {
  const file = relative(join(root, 'test/faults'), name)
  const good = assertionResults.filter(({ status }) => status === 'passed').length
  const bad = assertionResults.filter(({ status }) => status === 'failed').length
  passed += good
  failed += bad
  // a file that could not be loaded, or an area that could not be opened
  if (assertionResults.length === 0 || good + bad === 0) failed++
  if (!file.includes('/')) continue
  cases += good + bad
  console.log(`${file.split('/')[0]}: ${good + bad} cases, ${bad} failed`)
}
if (code !== 0 && failed === 0) failed = 1
console.log(`${cases} cases`)
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
