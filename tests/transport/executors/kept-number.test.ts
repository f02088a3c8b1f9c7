import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openKeptConnections } from '../../../src/transport/kept-connections.ts'
import { type Fleet, missingPrograms, startFleet } from './fleet.ts'
import { openOn, request, until } from './ways.ts'

const lacking = missingPrograms(['sshd', 'ssh', 'ssh-keygen'])
let fleet: Fleet | null = null
beforeAll(async () => {
  if (lacking === null) fleet = await startFleet(2, [])
})
afterAll(() => fleet?.down())

describe.skipIf(lacking !== null)('the number of kept connections', () => {
  test.each(['ssh2', 'openssh'] as const)(
    'over %s: the machine unused longest logs in anew, the other one stays',
    async (transport) => {
      if (fleet === null) throw new Error('no fleet')
      const connections = openKeptConnections(1)
      const [first, second] = await Promise.all(
        ['m0000', 'm0001'].map((target) => openOn(fleet as Fleet, transport, target, { connections })),
      )
      if (!first || !second) throw new Error('no ways')
      try {
        expect(await first.run(request('true'))).toMatchObject({ class: 'ok', reusedConnection: false })
        expect(await first.run(request('true'))).toMatchObject({ class: 'ok', reusedConnection: true })
        expect(await second.run(request('true'))).toMatchObject({ class: 'ok', reusedConnection: false })
        // A channel is given back when the server has closed it, a moment after the answer.
        await until(() => connections.size() === 1, 'one connection is left')
        expect(await second.run(request('true'))).toMatchObject({ class: 'ok', reusedConnection: true })
        expect(await first.run(request('true'))).toMatchObject({ class: 'ok', reusedConnection: false })
      } finally {
        await Promise.all([first.close(), second.close()])
      }
    },
    90_000,
  )

  test('two long runs at once go on, though one connection is allowed', { timeout: 30_000 }, async () => {
    if (fleet === null) throw new Error('no fleet')
    const connections = openKeptConnections(1)
    const ways = await Promise.all(['m0000', 'm0001'].map((t) => openOn(fleet as Fleet, 'ssh2', t, { connections })))
    const ran = await Promise.all(ways.map((way) => way.run(request('sleep 1; echo done'))))
    expect(ran.map((run) => run.class)).toEqual(['ok', 'ok'])
    await Promise.all(ways.map((way) => way.close()))
    expect(connections.size()).toBe(0)
  })
})
