import { expect, test } from 'vitest'
import { parseConfig } from '../../src/config/index.ts'
import type { LoadedConfig } from '../../src/config/load-types.ts'
import { silentLog } from '../../src/core/log.ts'
import { vacuumTonight } from '../../src/daemon/nightly-vacuum.ts'
import { NOW, run } from '../queries/seeded-store.ts'
import { count, tempStore } from '../store/support.ts'

const DAY_S = 86_400
const sys = { table: 'sys_samples', rows: [{ boot_id: 'b', uptime_s: 1, cpu_decayed: false, partial: false }] }

const afterNight = async (toml: string) => {
  const store = await tempStore({ now: () => NOW })
  const waiting = [40, 10, 0].map((days) => store.append(run('atlas', 'probe', days * DAY_S + 60, [sys])))
  await store.flush()
  await Promise.all(waiting)
  const { config } = parseConfig(toml, 'vc.toml')
  await vacuumTonight({ store, loaded: () => ({ config }) as LoadedConfig, now: () => NOW, log: silentLog })
  return { live: await count(store, 'sys_samples'), sealed: await count(store, 'archive_seals') }
}

test('without a word in vc.toml nothing is touched', async () => {
  expect(await afterNight('')).toEqual({ live: 3, sealed: 0 })
})

test('closed days are copied where that is allowed, and old ones removed only where that is, too', async () => {
  const copied = await afterNight('[retention]\narchive = true\n')
  expect(copied.live).toBe(3)
  expect(copied.sealed).toBeGreaterThan(1)
  expect((await afterNight('[retention]\narchive = true\ndelete = true\n')).live).toBe(2)
})
