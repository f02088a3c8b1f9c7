import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { newUser, until } from './vc-process.ts'

let user: ReturnType<typeof newUser>
beforeEach(() => {
  user = newUser()
})
afterEach(() => user.leave(), 60_000)

const socketOf = (): string => join(user.home, '.local/state/vc/run/vc.sock')

const startDaemon = async (...args: string[]) => {
  const daemon = user.start('daemon', ...args)
  await daemon.until(/answering on/)
  return daemon
}

const configure = (text: string): string => {
  const file = join(user.home, '.config/vc/vc.toml')
  mkdirSync(join(file, '..'), { recursive: true })
  writeFileSync(file, text, { mode: 0o600 })
  return file
}

test('a daemon owns the store, answers on its socket, and leaves nothing behind when it is asked to stop', {
  timeout: 120_000,
}, async () => {
  const daemon = await startDaemon()
  const health = JSON.parse((await user.vc('robot', 'health', '--json')).stdout)
  expect(health).toMatchObject({ schema_version: 'vc.robot.health.v1', data: { overall: { machine_count: 1 } } })
  expect(health.warnings ?? []).not.toContainEqual(expect.stringMatching(/^embedded/))
  const second = await user.vc('daemon')
  expect(second).toMatchObject({ code: 4, stderr: expect.stringMatching(/runs already[\s\S]*fix:/) })
  const stopped = await user.vc('daemon', 'stop')
  expect(stopped).toMatchObject({ code: 0, stdout: expect.stringContaining('has stopped') })
  expect(await daemon.ended).toBe(0)
  expect(existsSync(socketOf())).toBe(false)
  expect(await user.vc('daemon', 'status')).toMatchObject({ code: 1 })
})

test('after kill -9 the next command notices at once, and the next daemon takes over', {
  timeout: 120_000,
}, async () => {
  const first = await startDaemon()
  first.child.kill('SIGKILL')
  await first.ended
  expect(existsSync(socketOf())).toBe(true)
  const alone = await user.vc('robot', 'health', '--json')
  expect(JSON.parse(alone.stdout).warnings).toContainEqual(expect.stringMatching(/^embedded/))
  const second = await startDaemon()
  const answer = await user.vc('robot', 'scrapes', '--json')
  expect(JSON.parse(answer.stdout).warnings ?? []).not.toContainEqual(expect.stringMatching(/^embedded/))
  second.child.kill('SIGTERM')
  expect(await second.ended).toBe(0)
})

test('a daemon whose output nobody reads any more goes on, and closes its store when it ends', {
  timeout: 120_000,
}, async () => {
  const daemon = await startDaemon()
  daemon.child.stdout?.destroy()
  daemon.child.kill('SIGHUP')
  const log = join(user.home, '.local/state/vc/log/vc.log')
  await until(
    () => readFileSync(log, 'utf8').includes('configuration reloaded'),
    () => 'the reload',
  )
  expect(await user.vc('daemon', 'status')).toMatchObject({ code: 0 })
  daemon.child.kill('SIGTERM')
  expect(await daemon.ended).toBe(0)
  expect(existsSync(join(user.home, '.local/share/vc/vc.lock'))).toBe(false)
})

test('a daemon that does not answer is not waited for: its last state is shown, with its age', {
  timeout: 120_000,
}, async () => {
  const daemon = await startDaemon()
  const state = join(user.home, '.local/state/vc/run/state.json')
  await until(
    () => existsSync(state),
    () => 'the state file',
  )
  daemon.child.kill('SIGSTOP')
  const answer = await user.vc('robot', 'health', '--json')
  const table = await user.vc('status')
  daemon.child.kill('SIGCONT')
  const silent = `process ${daemon.child.pid} (vc daemon, stopped by a signal) does not answer`
  expect(JSON.parse(answer.stdout).warnings).toContainEqual(expect.stringContaining(`state_file: ${silent}`))
  expect(table.stdout).toContain(`NOT NOW: ${silent}; this is its last written state, `)
})

test('SIGHUP takes a new configuration in force, and keeps the old one when the new one is wrong', {
  timeout: 120_000,
}, async () => {
  configure('[[machines]]\nid = "here"\nssh = "local"\n')
  const daemon = await startDaemon()
  configure('[[machines]]\nid = "here"\nssh = "local"\ntagz = []\n')
  daemon.child.kill('SIGHUP')
  await daemon.until(/refused and the old one stays/)
  configure('[[machines]]\nid = "here"\nssh = "local"\n\n[[machines]]\nid = "other"\nssh = "nobody@127.0.0.1:9"\n')
  daemon.child.kill('SIGHUP')
  await daemon.until(/configuration reloaded/)
  const ids = async (): Promise<string[]> =>
    JSON.parse((await user.vc('robot', 'machines', '--json')).stdout).data.machines.map((m: { id: string }) => m.id)
  expect((await ids()).sort()).toEqual(['here', 'other'])
})

test('beside a daemon vc collect looks at once, and what it saw is there for the next question', {
  timeout: 120_000,
}, async () => {
  const tables =
    '[[machines]]\nid = "here"\nssh = "local"\n\n[[machines]]\nid = "away"\nssh = "away"\nenabled = false\n'
  configure(`${tables}\n[collectors.probe]\ninterval_seconds = 3600\n`)
  const daemon = await startDaemon()
  const probe = ['collect', '-m', 'here', '--collector', 'probe']
  // The first look is under way, and whoever asks meanwhile is told of that one.
  await until(
    async () => JSON.parse((await user.vc(...probe, '--json')).stdout).runs[0].was_running === false,
    () => 'a look of its own',
  )
  const at = async (): Promise<number> => {
    const { data } = JSON.parse((await user.vc('robot', 'scrapes', '--machine', 'here', '--json')).stdout)
    return Date.parse(data.scrapes.find((run: { source: string }) => run.source === 'probe').at)
  }
  const before = await at()
  const said = await user.vc(...probe, '--explain')
  expect(said).toMatchObject({ code: 0, stderr: '' })
  expect(said.stdout).toMatch(
    /^here {2}probe {2}ok[^\n]*\n {4}asked probe\.fast[\s\S]*\n {4}sys_samples: 1 rows\n[\s\S]*\n1 of 1 runs ok\n$/,
  )
  expect(await at()).toBeGreaterThan(before)
  expect(await user.vc('collect', '-m', 'away')).toMatchObject({
    code: 4,
    stdout: expect.stringContaining('away  not looked at  the machine is disabled'),
  })
  expect(await user.vc('collect', '-m', 'nowhere', '--json')).toMatchObject({ code: 2, stdout: '' })
  const [one, other] = await Promise.all([user.vc('collect', '--json'), user.vc('collect', '--json')])
  for (const { code, stdout } of [one, other]) {
    expect(code).toBe(0)
    expect(JSON.parse(stdout).runs.filter((run: { up: boolean }) => run.up).length).toBeGreaterThan(5)
  }
  daemon.child.kill('SIGTERM')
  expect(await daemon.ended).toBe(0)
})

test('watch goes on over a restart of the daemon and says so once', { timeout: 120_000 }, async () => {
  const first = await startDaemon()
  const watch = user.start('watch', '--interval', '1')
  await watch.until(/"type":"fleet"/)
  first.child.kill('SIGTERM')
  await first.ended
  const second = await startDaemon()
  const before = watch.said().length
  await until(
    () => /"type":"fleet"/.test(watch.said().slice(before)),
    () => 'a line after the restart',
  )
  for (const line of watch.said().trim().split('\n')) expect(() => JSON.parse(line)).not.toThrow()
  second.child.kill('SIGTERM')
  await second.ended
})

test('a daemon wins over commands that keep looking without one', { timeout: 180_000 }, async () => {
  const watches = [1, 2, 3].map(() => user.start('watch', '--interval', '1'))
  await Promise.all(watches.map((watch) => watch.until(/"type":"fleet"/)))
  const daemon = await startDaemon()
  const said = watches.map((watch) => watch.said().length)
  await until(
    () => watches.every((watch, at) => /"type":"fleet"/.test(watch.said().slice(said[at] ?? 0))),
    () => `a line of each after the start: ${watches.map((watch) => watch.said()).join('\n---\n')}`,
  )
  for (const watch of watches) watch.child.kill('SIGTERM')
  await Promise.all(watches.map((watch) => watch.ended))
  daemon.child.kill('SIGTERM')
  expect(await daemon.ended).toBe(0)
})

test('a detached daemon is the process that was started, and the one that owns the store', {
  timeout: 120_000,
}, async () => {
  const file = configure('[[machines]]\nid = "here"\nssh = "local"\n')
  const started = await user.vc('daemon', '--detach', '--config', file)
  expect(started).toMatchObject({ code: 0, stdout: expect.stringMatching(/daemon runs, pid \d+/) })
  const pid = Number(/pid (\d+)/.exec(started.stdout)?.[1])
  const lock = JSON.parse(readFileSync(join(user.home, '.local/share/vc/vc.lock'), 'utf8'))
  const status = JSON.parse((await user.vc('daemon', 'status', '--json')).stdout)
  const pidFile = join(user.home, '.local/state/vc/run/vc.pid')
  expect([lock.pid, status.pid, Number(readFileSync(pidFile, 'utf8'))]).toEqual([pid, pid, pid])
  expect(await user.vc('daemon', 'stop')).toMatchObject({ code: 0, stdout: expect.stringContaining(`pid ${pid}`) })
  expect(existsSync(pidFile)).toBe(false)
})
