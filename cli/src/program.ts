import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { COMMANDS, GLOBAL_OPTIONS, GROUPS } from './commands/table.ts'
import type { CommandSpec, OptionSpec, Options } from './commands/types.ts'
import { UsageError } from './failure.ts'

/** What a command line asks for. */
export type Parsed =
  | {
      readonly kind: 'command'
      readonly spec: CommandSpec
      readonly args: readonly string[]
      readonly options: Options
    }
  /** Help or the version: text for stdout, and done. */
  | { readonly kind: 'text'; readonly text: string }

/**
 * Reads the command line.
 * @throws UsageError with a suggestion where a word is close to a known one
 */
export function parse(argv: readonly string[], version: string): Parsed {
  let parsed: Parsed | undefined
  const printed: string[] = []
  const program = buildProgram(version, (spec, args, options) => {
    parsed = { kind: 'command', spec, args, options }
  })
  let failed = program
  for (const command of withDescendants(program)) {
    command
      .exitOverride((error) => {
        failed = command
        throw error
      })
      .configureOutput({ writeOut: (text) => printed.push(text), writeErr: () => {} })
  }
  try {
    program.parse([...argv], { from: 'user' })
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown
    if (thrown.exitCode === 0) return { kind: 'text', text: printed.join('').trimEnd() }
    throw usageError(thrown, failed, argv)
  }
  if (parsed === undefined) throw new UsageError('no command given', 'pkgcache --help lists the commands')
  return parsed
}

function withDescendants(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withDescendants)]
}

type OnCommand = (spec: CommandSpec, args: readonly string[], options: Options) => void

function buildProgram(version: string, onCommand: OnCommand): Command {
  const program = new Command('pkgcache')
    .description('Everything fetched once, checked, normalised, indexed, sent to the nodes that need it.')
    .version(version, '-V, --version', 'the version')
    .helpOption('-h, --help', 'this help')
    .helpCommand('help [command]', 'help on a command')
    .addHelpText(
      'after',
      '\nExample:\n  pkgcache init && pkgcache run\n  Each command explains itself: pkgcache run --help',
    )
  for (const option of GLOBAL_OPTIONS) program.addOption(toOption(option))
  for (const spec of COMMANDS) addCommand(program, spec, onCommand)
  return program
}

function addCommand(program: Command, spec: CommandSpec, onCommand: OnCommand): void {
  const [line, meaning] = spec.example
  const [name = '', group] = spec.name.split(' ').reverse()
  const parent = group === undefined ? program : groupOf(program, group)
  const command = parent
    .command(spec.argument === undefined ? name : `${name} ${spec.argument}`)
    .summary(spec.summary)
    .description(`${spec.summary[0]?.toUpperCase()}${spec.summary.slice(1)}.`)
    .helpOption('-h, --help', 'this help')
    .allowExcessArguments(false)
    .addHelpText('after', `\nExample:\n  ${line}\n    ${meaning}`)
  for (const option of spec.options) command.addOption(toOption(option))
  command.optionsGroup('Global options:')
  for (const option of GLOBAL_OPTIONS) command.addOption(toOption(option))
  command.action(() => {
    requireOptions(spec, command)
    onCommand(spec, command.args, mergeOptions(command))
  })
}

/** commander would tell of them first, and hide that one was misspelt. */
function requireOptions(spec: CommandSpec, command: Command): void {
  const given = command.opts()
  for (const option of spec.options) {
    if (option.mandatory && given[toOption(option).attributeName()] === undefined)
      throw new UsageError(
        `required option '${option.flags}' not specified`,
        `see pkgcache ${spec.name} --help`,
      )
  }
}

/** The command above those whose names have two words: `sources` of `sources build`. */
function groupOf(program: Command, name: string): Command {
  const known = program.commands.find((command) => command.name() === name)
  if (known) return known
  const summary = GROUPS[name] ?? name
  const group = program
    .command(name)
    .summary(summary)
    .description(`${summary[0]?.toUpperCase()}${summary.slice(1)}.`)
    .helpOption('-h, --help', 'this help')
    .helpCommand('help [command]', 'help on a command')
    .addHelpText('after', `\nEach command explains itself: pkgcache ${name} <command> --help`)
  for (const option of GLOBAL_OPTIONS) group.addOption(toOption(option))
  return group
}

function toOption(spec: OptionSpec): Option {
  const option = new Option(spec.flags, spec.mandatory ? `${spec.help} (required)` : spec.help)
  const { parse, many } = spec
  if (spec.fallback !== undefined) option.default(spec.fallback)
  if (spec.choices !== undefined) option.choices([...spec.choices])
  if (many) option.argParser((text: string, before: string[] | undefined) => [...(before ?? []), text])
  if (parse !== undefined) {
    option.argParser((text: string) => {
      const value = parse(text)
      if (value === undefined) throw new InvalidArgumentError(`Expected ${spec.expected}.`)
      return value
    })
  }
  return option
}

/** The command and those above it, from the outside in. */
function lineOf(command: Command): Command[] {
  return [...(command.parent ? lineOf(command.parent) : []), command]
}

/** Global options may stand before the command or after it; after it counts. `--no-color` counts anywhere. */
function mergeOptions(command: Command): Options {
  const given = lineOf(command).map((each) => each.opts())
  return { ...Object.assign({}, ...given), color: given.every(({ color }) => color !== false) }
}

/** commander's words as one sentence and a hint; it puts "(Did you mean run?)" on a line of its own. */
function usageError(error: CommanderError, failed: Command, argv: readonly string[]): UsageError {
  const help = `${lineOf(failed)
    .map((command) => command.name())
    .join(' ')} --help`
  if (error.code === 'commander.help') return noCommand(failed, help, argv)
  const [message = '', meant] = error.message.replace(/^error: /, '').split('\n')
  return new UsageError(
    message,
    meant === undefined ? `see ${help}` : `${meant.replace(/^\(|\)$/g, '')} See ${help}`,
  )
}

/** commander shows help where a command is missing, and where `help` is asked about one that is not there. */
function noCommand(failed: Command, help: string, argv: readonly string[]): UsageError {
  const hint = `${help} lists the commands`
  const asked = argv[argv.indexOf('help') + 1]
  if (argv.includes('help') && asked !== undefined) return new UsageError(`unknown command '${asked}'`, hint)
  if (failed.parent === null) return new UsageError('no command given', hint)
  const names = failed.commands.map((command) => command.name())
  return new UsageError(`no command given: ${failed.name()} takes one of ${names.join(', ')}`, hint)
}
