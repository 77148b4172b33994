import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { ReadyList } from '../../src/distribute/ready-list.ts'
import { KeyedLimiter, Limiter } from '../../src/run/scheduler.ts'

const { signal } = new AbortController()

describe('a limiter', () => {
  it.each([1, 3])('lets %i go on at once, the others in order', async (limit) => {
    const limiter = new Limiter(limit)
    const began: number[] = []
    let now = 0
    let most = 0
    const work = (index: number) => async () => {
      began.push(index)
      most = Math.max(most, ++now)
      await sleep(2)
      now--
      return index
    }
    const indices = Array.from({ length: 10 }, (_, index) => index)
    const results = await Promise.all(indices.map((index) => limiter.run(signal, work(index))))
    expect([results, began, most]).toEqual([indices, indices, limit])
  })

  it('goes on after work that failed', async () => {
    const limiter = new Limiter(1)
    const failing = limiter.run(signal, () => Promise.reject(new Error('failed')))
    const next = limiter.run(signal, async () => 'next')
    await expect(failing).rejects.toThrow('failed')
    expect(await next).toBe('next')
  })

  it('lets those who wait go when cancelled, and no place is lost', async () => {
    const limiter = new Limiter(1)
    let free: () => void = () => undefined
    const holding = limiter.run(
      signal,
      () =>
        new Promise<void>((resolve) => {
          free = resolve
        }),
    )
    const controller = new AbortController()
    let ran = false
    const waiting = limiter.run(controller.signal, async () => {
      ran = true
    })
    const after = limiter.run(signal, async () => 'after')
    controller.abort(new Error('cancelled'))
    await expect(waiting).rejects.toThrow('cancelled')
    free()
    await holding
    expect([await after, ran, await limiter.run(signal, async () => 'later')]).toEqual([
      'after',
      false,
      'later',
    ])
  })

  it('starts nothing that is cancelled already', async () => {
    const limiter = new Limiter(1)
    const work = async () => 'ran'
    await expect(limiter.run(AbortSignal.abort(new Error('gone')), work)).rejects.toThrow('gone')
    expect(await limiter.run(signal, work)).toBe('ran')
  })

  it('of one key does not hold up another', async () => {
    const limiter = new KeyedLimiter(1)
    let free: () => void = () => undefined
    const holding = limiter.run(
      'a',
      signal,
      () =>
        new Promise<void>((resolve) => {
          free = resolve
        }),
    )
    expect(await limiter.run('b', signal, async () => 'b')).toBe('b')
    const same = limiter.run('a', signal, async () => 'a')
    expect(await Promise.race([same, sleep(20, 'waits')])).toBe('waits')
    free()
    await holding
    expect(await same).toBe('a')
  })
})

describe('a ready list', () => {
  it('gives every reader all there is and all that comes', async () => {
    const list = new ReadyList<number>()
    const read = async () => {
      const seen: number[] = []
      for await (const entry of list) seen.push(entry)
      return seen
    }
    list.push(1)
    const readers = [read(), read()]
    await sleep(1)
    list.push(2)
    list.push(3)
    list.close()
    expect(await Promise.all([...readers, read()])).toEqual([
      [1, 2, 3],
      [1, 2, 3],
      [1, 2, 3],
    ])
  })
})
