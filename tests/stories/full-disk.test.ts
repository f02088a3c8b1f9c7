import { spawnSync } from 'node:child_process'
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statfsSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { newUser, until } from './vc-process.ts'

const MB = 1024 * 1024
const SIZE_MB = 400
const KEPT_FREE_MB = 96

const mount = (dir: string): boolean =>
  spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE_MB}m,mode=0700`, 'vc-test', dir]).status === 0
const unmount = (dir: string): boolean => spawnSync('umount', [dir]).status === 0

// Mounting is a privilege, not a program: without it the story is left out by name, also where programs are demanded.
const mayMount = (): boolean => {
  const dir = mkdtempSync(join(tmpdir(), 'vc-may-mount-'))
  const may = process.platform === 'linux' && mount(dir) && unmount(dir)
  rmdirSync(dir)
  if (!may) console.warn('left out: the story of the full disk, which needs the right to mount a tmpfs')
  return may
}

describe.skipIf(!mayMount())('on a small disk of its own', () => {
  let user: ReturnType<typeof newUser>
  let disk = ''
  beforeEach(() => {
    user = newUser()
    disk = join(user.home, 'disk')
    mkdirSync(disk)
    if (!mount(disk)) throw new Error('it mounted a moment ago')
    mkdirSync(join(user.home, '.config/vc'), { recursive: true })
    const text = `[vc]\ndata_dir = "${disk}/vc"\nlog_level = "debug"\n[store]\nmin_free_bytes = ${KEPT_FREE_MB * MB}\n`
    writeFileSync(join(user.home, '.config/vc/vc.toml'), text, { mode: 0o600 })
  })
  afterEach(async () => {
    unmount(disk)
    spawnSync('umount', ['-l', disk])
    await user.leave()
  }, 60_000)

  const freeBytes = (): number => {
    const { bavail, bsize } = statfsSync(disk)
    return bavail * bsize
  }
  /** Somebody else's file grows until this much is left. */
  const fillTo = (leftBytes: number): void => {
    const file = openSync(join(disk, 'ballast'), 'a')
    const piece = Buffer.alloc(MB)
    try {
      while (freeBytes() > leftBytes) writeSync(file, piece, 0, Math.min(MB, freeBytes() - leftBytes))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    } finally {
      closeSync(file)
    }
  }
  const robot = async (topic: string) => JSON.parse((await user.vc('robot', topic, '--json')).stdout).data
  const newestProbe = async (): Promise<string> =>
    (await robot('scrapes')).scrapes.find((row: { source: string }) => row.source === 'probe')?.at ?? ''
  const looksStored = async (): Promise<number> => {
    const said = await user.vc('query', 'SELECT count(*) AS n FROM scrapes', '--format', 'json')
    return Number(JSON.stringify(JSON.parse(said.stdout)).match(/"n":"?(\d+)/)?.[1])
  }
  const alarmed = async (): Promise<boolean> => /own disk is full/.test(JSON.stringify(await robot('triage')))
  // With what is only for debugging, each refused look of the probe is a line in the daemon's log.
  const logLines = (words: string): readonly string[] =>
    readdirSync(join(user.home, '.local/state/vc'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.log'))
      .flatMap((name) => readFileSync(join(user.home, '.local/state/vc', name), 'utf8').split('\n'))
      .filter((line) => line.includes(words))
  const refusals = (): number => logLines('rows were not stored').filter((line) => line.includes('"probe"')).length
  const newer = async (than: string): Promise<boolean> => (await newestProbe()) > than

  test('collecting pauses, the daemon serves and says why, nothing committed is lost, and it goes on when there is room', {
    timeout: 300_000,
  }, async () => {
    const daemon = user.start('daemon')
    await daemon.until(/answering on/)
    const first = await (async () => {
      await until(
        () => newer(''),
        () => 'the first look',
      )
      return newestProbe()
    })()
    await until(
      () => newer(first),
      () => 'a look while there is room',
    )
    const before = await looksStored()
    expect(before).toBeGreaterThan(0)

    fillTo((KEPT_FREE_MB - 24) * MB)
    await until(alarmed, () => `the alert; ${daemon.said()}`)
    const paused = await newestProbe()
    // To the last byte: not even the alert could be written now, and everything is still answered.
    fillTo(0)
    expect(freeBytes()).toBeLessThan(MB)
    const health = await user.vc('robot', 'health', '--json')
    expect(health.code).toBe(0)
    expect(JSON.parse(health.stdout).data.overall.machine_count).toBe(1)
    expect(await alarmed()).toBe(true)
    // The copy for it lies on another disk.
    expect(await looksStored()).toBeGreaterThanOrEqual(before)
    const refusedSoFar = refusals()
    await until(
      () => refusals() >= refusedSoFar + 2,
      () => 'looks that find no room',
    )
    expect(await newestProbe()).toBe(paused)
    expect(daemon.child.exitCode).toBeNull()

    rmSync(join(disk, 'ballast'))
    await until(
      () => newer(paused),
      () => `a look after there was room again; ${daemon.said()}`,
      90_000,
    )
    await until(
      async () => !(await alarmed()),
      () => 'the alert to end',
    )
    daemon.child.kill('SIGTERM')
    expect(await daemon.ended).toBe(0)
    expect(await looksStored()).toBeGreaterThan(before)
    expect(logLines('rows are stored again')).not.toHaveLength(0)
    // A line for each doubling, for each of the troubles a filling disk makes, and not one for each look.
    const refusedLooks = logLines('rows were not stored')
    const loud = refusedLooks.filter((line) => JSON.parse(line).level === 50)
    expect(loud.length).toBeLessThan(refusedLooks.length / 2)
    expect((await user.vc('db', 'check')).code).toBe(0)
  })

  interface AlertAnswer {
    readonly alerts: readonly {
      readonly id: string
      readonly status: string
      readonly since: string
      readonly resolved_at: string
    }[]
    readonly history: readonly { readonly at: string; readonly status: string }[]
  }
  const ALERT = 'store_disk_full:-:store'
  const toldOf = async (): Promise<AlertAnswer> =>
    JSON.parse((await user.vc('robot', 'alerts', '--all', '--alert', ALERT, '--json')).stdout).data
  const fires = async (): Promise<boolean> => /own disk is full/.test((await user.vc('alert', 'list')).stdout)

  test('filled at one stroke to the last byte it is told as an alert everywhere, also by a daemon that starts then', {
    timeout: 300_000,
  }, async () => {
    const killed = user.start('daemon')
    await killed.until(/answering on/)
    await until(
      () => newer(''),
      () => 'the first look',
    )
    const before = await looksStored()
    fillTo(0)
    expect(freeBytes()).toBe(0)
    await until(fires, () => `the alert; ${killed.said()}`)
    expect(await alarmed()).toBe(true)
    const health = await robot('health')
    expect(health).toMatchObject({ overall: { severity: 'critical' }, alerts_by_severity: { critical: 1 } })
    expect((await user.vc('status')).stdout).toMatch(/Next:\n {2}1\. vc's own disk is full/)
    const { events } = await robot('events')
    expect(events).toContainEqual(expect.objectContaining({ subject: ALERT, change: 'firing' }))

    killed.child.kill('SIGKILL')
    await killed.ended
    expect((await user.vc('status')).code).toBe(0)
    const daemon = user.start('daemon')
    await daemon.until(/answering on/)
    await until(fires, () => `the alert of the next; ${daemon.said()}`)
    const [standing] = (await toldOf()).alerts

    rmSync(join(disk, 'ballast'))
    await until(
      async () => !(await fires()),
      () => 'the alert to end',
    )
    const { alerts, history } = await toldOf()
    expect(alerts).toMatchObject([{ status: 'resolved', since: standing?.since }])
    expect(history.map(({ at, status }) => [at, status])).toEqual([
      [alerts[0]?.resolved_at, 'resolved'],
      [standing?.since, 'firing'],
    ])
    daemon.child.kill('SIGTERM')
    expect(await daemon.ended).toBe(0)
    expect(await looksStored()).toBeGreaterThan(before)
    const stored = await user.vc(
      'query',
      `SELECT status FROM alert_events WHERE alert_id = '${ALERT}' ORDER BY event_at`,
    )
    expect(stored.stdout).toMatch(/firing[\s\S]*resolved/)
  })
})
