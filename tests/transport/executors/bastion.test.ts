import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Executor } from '../../../src/core/executor.ts'
import { openKeptConnections } from '../../../src/transport/kept-connections.ts'
import { type FleetWay, openExecutor } from '../../../src/transport/open-executor.ts'
import { openBastions } from '../../../src/transport/ssh/bastions.ts'
import { openTargetResolver } from '../../../src/transport/ssh/resolve.ts'
import { type Fleet, missingPrograms, startFleet } from './fleet.ts'
import { fleetWay, request, text, until } from './ways.ts'

const lacking = missingPrograms(['sshd', 'ssh', 'ssh-keygen'])

/** A door before the bastion's sshd that counts who comes in, and can be slammed. */
const openDoor = async (host: string, port: number) => {
  const inside = new Set<Socket>()
  let opened = 0
  const server: Server = createServer((socket) => {
    opened += 1
    const on = connect({ host, port })
    inside.add(socket)
    for (const [from, to] of [
      [socket, on],
      [on, socket],
    ] as const) {
      from.on('error', () => to.destroy())
      from.on('close', () => to.destroy())
      from.pipe(to)
    }
    socket.once('close', () => inside.delete(socket))
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return {
    port: (server.address() as { port: number }).port,
    opened: () => opened,
    inside: () => inside.size,
    slam: () => {
      for (const socket of inside) socket.destroy()
    },
    close: () => new Promise((closed) => server.close(closed)),
  }
}

describe.skipIf(lacking !== null)('machines behind one bastion', () => {
  let fleet: Fleet
  let door: Awaited<ReturnType<typeof openDoor>>
  let way: FleetWay
  let executors: Executor[] = []

  const addressOf = (name: string): readonly [string, string] => {
    const row = readFileSync(join(fleet.dir, 'hosts'), 'utf8').match(new RegExp(`^${name} (\\S+) (\\d+)`, 'm'))
    if (!row?.[1] || !row[2]) throw new Error(`no ${name}`)
    return [row[1], row[2]]
  }
  beforeAll(async () => {
    fleet = await startFleet(4, [])
  })
  beforeEach(async () => {
    const [host, port] = addressOf('m0000')
    door = await openDoor(host, Number(port))
    const known = join(fleet.dir, 'known_hosts')
    const key = readFileSync(known, 'utf8').split('\n')[0]?.split(' ').slice(1).join(' ')
    appendFileSync(known, `[127.0.0.1]:${door.port} ${key}\n`)
    const file = join(fleet.dir, `bastion-${door.port}`)
    const target = (name: string, machine: string): string => {
      const [address, at] = addressOf(machine)
      return `Host ${name}\n  ProxyJump bastion\n  HostName ${address}\n  Port ${at}\n`
    }
    const many = Array.from({ length: 12 }, (_, i) => target(`far${i}`, `m000${1 + (i % 3)}`))
    const bastion = `Host bastion\n  HostName 127.0.0.1\n  Port ${door.port}\n`
    writeFileSync(file, `${bastion}${many.join('')}${readFileSync(fleet.configFile, 'utf8')}`)
    const connections = openKeptConnections(1000)
    way = fleetWay(fleet, {
      resolver: openTargetResolver({ configFile: file }),
      connections,
      bastions: openBastions(connections),
    })
  })
  afterEach(async () => {
    await Promise.all(executors.map((executor) => executor.close()))
    executors = []
    await door.close()
  })
  afterAll(() => fleet?.down())

  const open = async (count: number): Promise<readonly Executor[]> => {
    const names = Array.from({ length: count }, (_, i) => `far${i}`)
    executors = await Promise.all(
      names.map(async (target) => (await openExecutor({ target, transport: 'ssh2' }, way)).executor),
    )
    return executors
  }
  const runAll = (all: readonly Executor[], script: string) =>
    Promise.all(all.map(async (one) => one.run(request(script))))

  test('share one connection to it, which closes with the last of them', { timeout: 60_000 }, async () => {
    const all = await open(3)
    const ran = await runAll(all, 'echo here')
    expect(ran.map((run) => [run.class, text(run.stdout)])).toEqual(Array(3).fill(['ok', 'here\n']))
    expect(door.opened()).toBe(1)
    expect(way.connections?.size()).toBe(4)
    await all[0]?.close()
    expect(await all[1]?.run(request('true'))).toMatchObject({ class: 'ok', reusedConnection: true })
    await Promise.all(all.map((one) => one.close()))
    await until(() => door.inside() === 0, 'the bastion is left')
    expect(way.connections?.size()).toBe(0)
  })

  test('no more than eight on one connection', { timeout: 60_000 }, async () => {
    const ran = await runAll(await open(9), 'true')
    expect(ran.map((run) => run.detail ?? run.class)).toEqual(Array(9).fill('ok'))
    expect(door.opened()).toBe(2)
  })

  test('fall together when it dies, each naming it, and come back over one new connection', {
    timeout: 60_000,
  }, async () => {
    const all = await open(3)
    await runAll(all, 'true')
    const begun = all.map((_, i) => join(fleet.dir, `begun-${i}`))
    const lost = Promise.all(all.map(async (one, i) => one.run(request(`: > '${begun[i]}'; sleep 20`))))
    await until(() => begun.every((file) => existsSync(file)), 'they run')
    door.slam()
    for (const run of await lost)
      expect(run).toMatchObject({ class: 'connection_lost', detail: expect.stringMatching(/^jump host bastion: /) })
    const again = await runAll(all, 'echo back')
    expect(again.map((run) => [run.class, text(run.stdout)])).toEqual(Array(3).fill(['ok', 'back\n']))
    expect(door.opened()).toBe(2)
  })

  test('a bastion that is not there fails all of them at once, by one knock', { timeout: 60_000 }, async () => {
    const all = await open(3)
    await door.close()
    for (const run of await runAll(all, 'true'))
      expect(run).toMatchObject({ class: 'refused', detail: expect.stringMatching(/^jump host bastion: /) })
    door = await openDoor('127.0.0.1', 9)
  })
})
