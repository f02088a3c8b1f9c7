import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Row } from '../../src/core/rows.ts'
import { answer, queries } from '../../src/queries/index.ts'
import { ago, inventory, NOW, planOf, run, sample, seededStore } from './seeded-store.ts'

let seeded: Awaited<ReturnType<typeof seededStore>>
beforeEach(async () => {
  seeded = await seededStore()
})
afterEach(() => seeded.close())

const inventoryAt = async (secondsAgo: number, rows: readonly Row[]): Promise<void> => {
  const batches = [{ table: 'machines', rows }]
  await seeded.store.write({ machineId: 'fleet', source: 'config', at: ago(secondsAgo), batches, awaited: true })
}

interface Told {
  readonly machines: readonly { readonly id: string; readonly same_as: string | null }[]
  readonly findings: readonly { readonly machine: string; readonly topic: string; readonly says: string; readonly fix: string | null }[]
} // biome-ignore format: a shape

const ask = async (topic: string, params: object = {}, ids = ['atlas', 'borg', 'coyote']) => {
  const reply = await answer(queries, { topic, params: { ...params } }, { db: seeded.store.db, now: NOW, plan: planOf(ids) })
  return { data: reply.data as Told, warnings: reply.warnings ?? [] }
} // biome-ignore format: one call

const identity = async (params: object = {}, ids?: string[]) =>
  (await ask('doctor', params, ids)).data.findings.filter(({ topic }) => topic === 'identity')

/** All machines of this store have been up for a quarter of an hour. */
const names = async (params: object = {}, ids?: string[]) =>
  (await identity(params, ids)).filter(({ says }) => !says.startsWith('it was started anew'))

describe('two entries of one machine', () => {
  const host = { boot_id: 'boot-1', hostname: 'build' }
  beforeEach(() =>
    inventoryAt(
      1,
      ['atlas', 'borg'].map((machine_id) => ({ machine_id, ...host })),
    ),
  )

  test('each list says which entry the other one is, and what to do', async () => {
    const says = /same_machine: borg is the same machine as atlas .*alerts are told of atlas alone .*disable borg/
    for (const topic of ['machines', 'status']) expect((await ask(topic)).warnings.join('\n')).toMatch(says)
    const lines = (await ask('machines')).data.machines
    expect(Object.fromEntries(lines.map(({ id, same_as }) => [id, same_as]))).toEqual({
      atlas: null,
      borg: 'atlas',
      coyote: null,
    })
  })

  test('the doctor says it once for the fleet, and to who asks for either of them', async () => {
    const first = /^borg is the same machine as atlas/
    expect(await names()).toMatchObject([
      { machine: 'borg', says: expect.stringMatching(first), fix: expect.stringContaining('disable borg') },
    ])
    for (const machine of ['atlas', 'borg'])
      expect(await names({ machine })).toMatchObject([{ machine, says: expect.stringMatching(first) }])
    expect(await names({ machine: 'coyote' })).toEqual([])
  })

  test('a machine that is asked for alone tells it too', async () => {
    expect((await ask('machine', { id: 'borg' })).data).toMatchObject({ machine: { same_as: 'atlas' } })
    expect((await ask('status', { machine: 'borg' })).warnings.join('\n')).toContain('same_machine: borg is')
  })

  test('of users that stand only in ssh_config nothing is claimed, and the way to name them is told', async () => {
    const told = (await ask('machines')).warnings.join('\n')
    expect(told).toMatch(/no two users in ssh =.*write user@host in ssh =, .*ssh_config/)
    expect(told).not.toContain('host name and user')
  })

  test('two users of it are two machines', async () => {
    await inventoryAt(0, [
      { machine_id: 'atlas', ssh_target: 'ann@build' },
      { machine_id: 'borg', ssh_target: 'bob@build' },
    ])
    expect((await ask('machines')).warnings.join('\n')).not.toContain('same_machine')
    expect(await names()).toEqual([])
  })
})

describe('a machine with a new name', () => {
  const [row] = inventory(['titan'])
  const renamed = (firstSeenAgo: number) => ({ ...row, boot_id: 'boot-1', hostname: 'build', first_seen_at: ago(firstSeenAgo) })
  const left = { machine_id: 'atlas', boot_id: 'boot-1', hostname: 'build', enabled: false, removed_at: ago(3600) }

  test('says what it was called, and that history cannot be moved', async () => {
    await inventoryAt(1, [renamed(3600), left])
    expect(await names({}, ['titan', 'borg', 'coyote'])).toMatchObject([
      {
        machine: 'titan',
        says: expect.stringMatching(/^it was called atlas until .* cannot be moved$/),
        fix: expect.stringMatching(/id = "atlas" in vc\.toml; how it was: vc robot machine atlas --at /),
      },
    ])
  })

  test('was no new name where both entries stood beside each other, or where it is another user of the host', async () => {
    await inventoryAt(1, [renamed(7200), left])
    expect(await names({}, ['titan', 'borg', 'coyote'])).toEqual([])
    await inventoryAt(0, [{ ...renamed(3600), ssh_target: 'bob@build' }, { ...left, ssh_target: 'ann@build' }])
    expect(await names({}, ['titan', 'borg', 'coyote'])).toEqual([])
  })
}) // biome-ignore format: a table of values

describe('a system that is no longer what it was', () => {
  const uptime = (s: number) => run('borg', 'probe', 0, [{ table: 'sys_samples', rows: [sample({ uptime_s: s })] }])

  test('a start within a day is told with how long ago', async () => {
    await inventoryAt(1, [{ machine_id: 'borg', first_seen_at: ago(200_000) }])
    await seeded.store.append(uptime(7300))
    expect(await identity({ machine: 'borg' })).toMatchObject([{ says: 'it was started anew 2 h ago' }])
    expect((await ask('machine', { id: 'borg' })).data).toMatchObject({
      identity: { booted_at: ago(7300).toISOString() },
    })
    await seeded.store.append(uptime(150_000))
    expect(await identity({ machine: 'borg' })).toEqual([])
  })

  test('a start before vc knew it is none', async () => {
    await inventoryAt(1, [{ machine_id: 'borg', first_seen_at: ago(600) }])
    await seeded.store.append(uptime(7300))
    expect(await identity({ machine: 'borg' })).toEqual([])
  })

  test('another kernel or system than a day ago is told', async () => {
    await seeded.store.append(uptime(2_000_000))
    await inventoryAt(86_400, [{ machine_id: 'borg', kernel: '6.1.0', os_version: 'debian 12' }])
    await inventoryAt(1, [{ machine_id: 'borg', kernel: '6.8.0', os_version: 'debian 13' }])
    expect(await identity({ machine: 'borg' })).toMatchObject([
      { says: 'system debian 12 → debian 13; kernel 6.1.0 → 6.8.0', fix: null },
    ])
  })
})
