import { describe, expect, it } from 'vitest'
import { definePlugin } from '../../src/plugins/define.ts'
import { PluginHost } from '../../src/plugins/host.ts'
import type { Hooks, Plugin, PluginContext } from '../../src/plugins/types.ts'
import { faultOf } from '../support/fault.ts'
import { bareScope } from '../support/host.ts'

function tapping(name: string, tap: (hooks: Hooks) => void, more: Partial<Plugin> = {}): Plugin {
  return { ...definePlugin({ name, setup: (api) => tap(api.hooks) })(), ...more }
}

describe('the context', () => {
  async function contextOf(scope = bareScope()): Promise<PluginContext> {
    let seen: PluginContext | undefined
    const plugin = tapping('reader', (hooks) =>
      hooks.done.tap('reader', (_result, ctx) => {
        seen = ctx
      }),
    )
    await new PluginHost([plugin]).series('done', {}, scope)
    if (seen === undefined) throw new Error('was not called')
    return seen
  }

  it('is frozen, what it holds too', async () => {
    const ctx = await contextOf()
    expect([ctx, ctx.logger, ctx.store, ctx.fetch].map((part) => Object.isFrozen(part))).toEqual([
      true,
      true,
      true,
      true,
    ])
    expect(() => Object.assign(ctx, { tmpDir: '/' })).toThrow(TypeError)
  })

  it('logs under the plugin’s name and passes progress on', async () => {
    const lines: string[] = []
    const progress: unknown[] = []
    const scope = bareScope({
      log: (level, name, message) => void lines.push(`${level} ${name} ${message}`),
      progress: (step) => void progress.push(step),
    })
    const ctx = await contextOf(scope)
    ctx.logger.debug('a')
    ctx.logger.info('b')
    ctx.logger.warn('c')
    ctx.logger.error('d')
    ctx.progress({ done: 1, total: 2 })
    expect(lines).toEqual(['debug reader a', 'info reader b', 'warn reader c', 'error reader d'])
    expect(progress).toEqual([{ done: 1, total: 2 }])
  })

  it('takes progress that nobody wants', async () => {
    const ctx = await contextOf()
    expect(ctx.progress({ done: 1 })).toBeUndefined()
  })
})

describe('setup', () => {
  it('that throws names its plugin', async () => {
    const plugin = tapping('bad', () => {
      throw new Error('cannot start')
    })
    const fault = await faultOf(() => new PluginHost([plugin]))
    expect(fault).toMatchObject({ code: 'E_PLUGIN', plugin: 'bad', stage: 'setup', message: 'cannot start' })
  })

  it('can suggest names', () => {
    const suggesting = (name: string, names: readonly string[]) =>
      definePlugin({ name, setup: (api) => api.suggest(names) })()
    expect(new PluginHost([suggesting('a', ['x', 'y']), suggesting('b', ['z'])]).suggestions).toEqual([
      'x',
      'y',
      'z',
    ])
  })
})
