import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openKeptConnections } from '../../src/transport/kept-connections.ts'

const fleet = (max: number) => {
  const closed: string[] = []
  const kept = openKeptConnections(max)
  return { closed, kept, connect: (name: string) => kept.add(() => closed.push(name)) }
}

test('one connection too many closes the longest unused, not the oldest', () => {
  const { closed, connect } = fleet(2)
  const atlas = connect('atlas')
  connect('borg')
  atlas.use()
  atlas.free()
  connect('cygnus')
  expect(closed).toEqual(['borg'])
})

test('a connection that runs something is not closed under it; the number is met when it ends', () => {
  const { closed, kept, connect } = fleet(1)
  const atlas = connect('atlas')
  atlas.use()
  const borg = connect('borg')
  borg.use()
  expect({ closed, size: kept.size() }).toEqual({ closed: [], size: 2 })
  atlas.free()
  expect({ closed, size: kept.size() }).toEqual({ closed: ['atlas'], size: 1 })
})

test('a connection that was lost leaves its place to another', () => {
  const { closed, connect } = fleet(1)
  connect('atlas').gone()
  connect('borg')
  expect(closed).toEqual([])
})

test('whatever happens: nothing busy is closed, and idle ones never exceed the number', () => {
  const step = fc.record({ what: fc.constantFrom('add', 'use', 'free', 'gone'), who: fc.nat(20) })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.array(step, { maxLength: 60 }), (max, steps) => {
      const kept = openKeptConnections(max)
      const open: { slot: ReturnType<typeof kept.add>; users: number }[] = []
      for (const { what, who } of steps) {
        if (what === 'add') {
          const one = { slot: null as unknown as ReturnType<typeof kept.add>, users: 0 }
          one.slot = kept.add(() => {
            expect(one.users).toBe(0)
            open.splice(open.indexOf(one), 1)
          })
          open.push(one)
        }
        const chosen = open[who % Math.max(1, open.length)]
        if (chosen === undefined) continue
        if (what === 'use') {
          chosen.users += 1
          chosen.slot.use()
        }
        if (what === 'free' && chosen.users > 0) {
          chosen.users -= 1
          chosen.slot.free()
        }
        if (what === 'gone') {
          open.splice(open.indexOf(chosen), 1)
          chosen.slot.gone()
        }
        expect(kept.size()).toBe(open.length)
        const busy = open.filter((one) => one.users > 0).length
        expect(kept.size()).toBeLessThanOrEqual(Math.max(max, busy + 1))
      }
    }),
  )
})
