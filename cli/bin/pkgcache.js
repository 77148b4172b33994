#!/usr/bin/env node
// Kept free of imports from dist: `--version` must answer at the speed of node itself.
import { readFileSync } from 'node:fs'

const args = process.argv.slice(2)
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
  process.stdout.write(`${version}\n`)
} else {
  const { main } = await import('../dist/src/main.js')
  await main(args, version)
}
