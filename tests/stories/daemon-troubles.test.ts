import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { newUser, until } from './vc-process.ts'

let user: ReturnType<typeof newUser>
beforeEach(() => {
  user = newUser()
  mkdirSync(join(user.home, '.config/vc'), { recursive: true })
})
afterEach(() => user.leave(), 60_000)

const config = (): string => join(user.home, '.config/vc/vc.toml')
const pidFile = (): string => join(user.home, '.local/state/vc/run/vc.pid')

interface LogLine {
  readonly msg: string
  readonly detail?: string
}

const logged = (): readonly LogLine[] =>
  readFileSync(join(user.home, '.local/state/vc/log/vc.log'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

const startDaemon = async () => {
  const daemon = user.start('daemon')
  await daemon.until(/answering on/)
  return daemon
}

/** Asked to end, it ends well, and the next one can begin. */
const endsWell = async (daemon: Awaited<ReturnType<typeof startDaemon>>): Promise<void> => {
  daemon.child.kill('SIGTERM')
  expect(await daemon.ended).toBe(0)
  expect(daemon.said()).toMatch(/vc: stopped\n$/)
  for (const left of ['.local/state/vc/run/vc.sock', '.local/share/vc/vc.lock'])
    expect(existsSync(join(user.home, left))).toBe(false)
}

test('a reload that is refused stands in the log with file, line and key, and the old configuration goes on', {
  timeout: 120_000,
}, async () => {
  writeFileSync(config(), '[[machines]]\nid = "here"\nssh = "local"\n', { mode: 0o600 })
  const daemon = await startDaemon()
  writeFileSync(config(), '[[machines]]\nid = "there"\nssh = "local"\n\n[polling]\nretry_min_secs = 7\n')
  daemon.child.kill('SIGHUP')
  await daemon.until(/refused and the old one stays/)
  const refusals = (): readonly LogLine[] => logged().filter(({ msg }) => msg.includes('refused, the old one stays'))
  await until(
    () => refusals().length > 0,
    () => 'the refusal in the log',
  )
  expect(refusals()).toHaveLength(1)
  const [{ detail } = { detail: '' }] = refusals()
  expect(detail).toContain(`${config()}:6: `)
  expect(detail).toContain('retry_min_secs')
  const machines = await user.vc('robot', 'machines', '--json')
  expect(JSON.parse(machines.stdout).data.machines.map(({ id }: { id: string }) => id)).toEqual(['here'])
  expect(logged().some(({ msg }) => msg === 'configuration reloaded')).toBe(false)
  await endsWell(daemon)
})

test('a pid file that cannot be written is said in the log and keeps no daemon from its work', {
  timeout: 120_000,
}, async () => {
  // Where a folder stands not even root makes a file.
  mkdirSync(join(pidFile(), 'somebody'), { recursive: true, mode: 0o700 })
  const daemon = await startDaemon()
  expect(await user.vc('daemon', 'status')).toMatchObject({ code: 0 })
  await endsWell(daemon)
  expect(logged()).toContainEqual(
    expect.objectContaining({
      level: 40,
      msg: 'the pid file could not be written',
      detail: expect.stringContaining(pidFile()),
    }),
  )
})

test('a pid file that cannot be removed is said in the log and keeps no daemon from closing what it holds', {
  timeout: 120_000,
}, async () => {
  const daemon = await startDaemon()
  expect(readFileSync(pidFile(), 'utf8')).toBe(`${daemon.child.pid}\n`)
  rmSync(pidFile())
  mkdirSync(join(pidFile(), 'somebody'), { recursive: true })
  await endsWell(daemon)
  expect(logged().at(-1)).toMatchObject({
    level: 40,
    msg: 'the pid file could not be removed',
    detail: expect.stringContaining(pidFile()),
  })
})
