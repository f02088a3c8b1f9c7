import { expect, test, vi } from 'vitest'
import { silentLog } from '../../src/core/log.ts'
import { BACKUP_CRON, backupIsDue, startBackups } from '../../src/daemon/backups.ts'

const NOW = new Date('2026-03-01T12:00:00Z')
const hoursAgo = (hours: number): Date => new Date(NOW.getTime() - hours * 3_600_000)

test.each([
  [null, true],
  [hoursAgo(25), true],
  [hoursAgo(23), false],
])('with the newest backup of %s one is due: %s', (newest, due) => expect(backupIsDue(newest, NOW)).toBe(due))

const clock = (newest: Date | null, backup: () => Promise<never>) => ({
  keeper: { backup },
  newest: async () => newest,
  now: () => NOW,
  log: silentLog,
  firstLookMs: 1,
})

test('a start that finds none of the last day makes one, and a failure of it ends nothing', async () => {
  const backup = vi.fn(async (): Promise<never> => {
    throw new Error('disk full')
  })
  const backups = startBackups(clock(null, backup))
  await vi.waitFor(() => expect(backup).toHaveBeenCalledTimes(1), { timeout: 20_000 })
  await backups.stop()
})

test('a start with a fresh one makes none', async () => {
  const backup = vi.fn(async (): Promise<never> => {
    throw new Error('not expected')
  })
  const looked = vi.fn(async () => hoursAgo(2))
  const backups = startBackups({ ...clock(null, backup), newest: looked })
  await vi.waitFor(() => expect(looked).toHaveBeenCalled(), { timeout: 20_000 })
  await backups.stop()
  expect(backup).not.toHaveBeenCalled()
})

test('a machine that slept through the night makes it when it wakes, once', async () => {
  vi.useFakeTimers({ now: new Date('2026-03-01T02:00:00Z') })
  const backup = vi.fn(async (): Promise<never> => {
    throw new Error('counted')
  })
  const backups = startBackups({ ...clock(hoursAgo(0), backup), firstLookMs: 86_400_000 })
  await vi.advanceTimersByTimeAsync(1000)
  vi.setSystemTime(new Date('2026-03-01T08:30:00Z'))
  await vi.advanceTimersByTimeAsync(7_200_000)
  expect(backup).toHaveBeenCalledTimes(1)
  vi.useRealTimers()
  await backups.stop()
})

test('every night at 03:17 UTC', async () => {
  expect(BACKUP_CRON).toBe('17 3 * * *')
  vi.useFakeTimers({ now: new Date('2026-03-01T03:16:30Z') })
  const backup = vi.fn(async (): Promise<never> => {
    throw new Error('counted')
  })
  const backups = startBackups({ ...clock(hoursAgo(0), backup), firstLookMs: 3_600_000 })
  await vi.advanceTimersByTimeAsync(20_000)
  expect(backup).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(20_000)
  expect(backup).toHaveBeenCalledTimes(1)
  vi.useRealTimers()
  await backups.stop()
})
