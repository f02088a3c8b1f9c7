import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { CliDeps } from '../../../src/cli/deps.ts'
import { VcError } from '../../../src/core/errors.ts'
import { vc } from '../fake-cli.ts'
import { fakeCockpit, newHome, RUNNING, signalSoon } from '../fake-cockpit.ts'

let home: ReturnType<typeof newHome>
beforeEach(() => {
  home = newHome()
})
afterEach(() => home.leave())

const daemon = (argv: readonly string[], parts: Partial<CliDeps> = {}) =>
  vc(['daemon', ...argv], { ...home.parts, ...parts })

test('serves, then polls, says where it answers, and ends everything when asked', async () => {
  const cockpit = fakeCockpit()
  signalSoon('SIGTERM', () => cockpit.did.includes('start'))
  const said = await daemon([], { startCockpit: cockpit.startCockpit })
  expect(said).toEqual({
    exit: 0,
    err: '',
    out: 'vc: watching 2 machines, answering on /run/vc.sock\nvc: stopped\n',
  })
  expect(cockpit.did).toEqual(['serve', 'start', 'stop'])
})

test('what it printed is bounded each hour for as long as it runs, and not after', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const cockpit = fakeCockpit()
  const bounded: string[] = []
  const did = vi
    .waitFor(() => expect(cockpit.did).toContain('start'))
    .then(() => {
      vi.advanceTimersByTime(3 * 3_600_000)
      process.emit('SIGTERM')
    })
  const boundOutput = (output: string): void => void bounded.push(output)
  await Promise.all([daemon([], { startCockpit: cockpit.startCockpit, boundOutput }), did])
  vi.advanceTimersByTime(3 * 3_600_000)
  vi.useRealTimers()
  expect(bounded).toEqual(Array(3).fill(expect.stringMatching(/\/log\/daemon\.out$/)))
})

test('listens until all is stopped: the second signal of a wrapper must not kill it in between', async () => {
  const cockpit = fakeCockpit()
  signalSoon('SIGTERM', () => cockpit.did.includes('start'))
  let listening = 0
  const startCockpit: CliDeps['startCockpit'] = async (...given) => ({
    ...(await cockpit.startCockpit(...given)),
    stop: async () => {
      listening = process.listenerCount('SIGTERM')
    },
  })
  const before = process.listenerCount('SIGTERM')
  expect(await daemon([], { startCockpit })).toMatchObject({ exit: 0, err: '' })
  expect(listening).toBe(before + 1)
  expect(process.listenerCount('SIGTERM')).toBe(before)
})

test('SIGHUP reloads; a refused configuration is said, and it goes on', async () => {
  const cockpit = fakeCockpit()
  cockpit.state.reload = async () => {
    cockpit.state.reload = async () => undefined
    throw new VcError('bad_config', 'line 3 is wrong', 'mend it')
  }
  const reloads = (): number => cockpit.did.filter((what) => what === 'reload').length
  signalSoon('SIGHUP', () => cockpit.did.includes('start'))
  signalSoon('SIGHUP', () => reloads() === 1)
  signalSoon('SIGTERM', () => reloads() === 2)
  const said = await daemon([], { startCockpit: cockpit.startCockpit })
  expect(said.err).toContain('the new configuration is refused and the old one stays: line 3 is wrong (vc config lint)')
  expect(said.out).toContain('vc: configuration reloaded')
  expect(said.exit).toBe(0)
})

test('SIGHUP while it still starts is taken up when it has started', async () => {
  const cockpit = fakeCockpit()
  signalSoon('SIGHUP', () => true)
  signalSoon('SIGTERM', () => cockpit.did.includes('reload'))
  const startCockpit: CliDeps['startCockpit'] = async (...given) => {
    await new Promise((resolve) => setTimeout(resolve, 100))
    return cockpit.startCockpit(...given)
  }
  const said = await daemon([], { startCockpit })
  expect(said).toMatchObject({ exit: 0, err: '', out: expect.stringContaining('vc: configuration reloaded') })
})

test('a socket that cannot be opened is an error, and what was started is stopped', async () => {
  const cockpit = fakeCockpit()
  cockpit.state.serve = async () => {
    throw new VcError('socket_taken', 'the socket is taken', 'look who')
  }
  const listeners = process.listenerCount('SIGHUP')
  const said = await daemon([], { startCockpit: cockpit.startCockpit })
  expect(said).toMatchObject({ exit: 1, err: expect.stringContaining('the socket is taken') })
  expect(cockpit.did).toEqual(['serve', 'stop'])
  expect(process.listenerCount('SIGHUP')).toBe(listeners)
})

test('says once for whom it waits', async () => {
  const cockpit = fakeCockpit()
  signalSoon('SIGTERM', () => cockpit.did.includes('start'))
  const startCockpit: CliDeps['startCockpit'] = (loaded, hooks, options) => {
    hooks.onWait?.(99)
    return cockpit.startCockpit(loaded, hooks, options)
  }
  expect((await daemon([], { startCockpit })).err).toMatch(/process 99\b.* has the store open; waiting/)
})

test('a second one is refused; a word that is no command gets the nearest', async () => {
  const second = await daemon([], { pingDaemon: async () => RUNNING })
  expect(second).toMatchObject({ exit: 4, err: expect.stringContaining('a daemon runs already (pid 4711)') })
  expect(await daemon(['stp'])).toMatchObject({ exit: 2, err: expect.stringContaining("did you mean 'stop'?") })
})

test('a daemon that was started before an update is told apart, though its version is the same', async () => {
  const updated = { pingDaemon: async () => RUNNING, ownBuild: async () => 'b2' }
  const told =
    /note: the daemon \(pid 4711\) runs other code than this command.*vc daemon stop, then vc daemon --detach/
  expect(await daemon(['status'], updated)).toMatchObject({ exit: 0, err: expect.stringMatching(told) })
  expect((await daemon([], updated)).err).toMatch(told)
  const older = { ...updated, pingDaemon: async () => ({ ...RUNNING, build: null }) }
  expect((await daemon(['status'], older)).err).toMatch(told)
  expect((await daemon(['status'], { ...updated, ownBuild: async () => 'b1' })).err).toBe('')
})

test('status: running or not, for people and programs', async () => {
  const runs = { pingDaemon: async () => RUNNING }
  expect(await daemon(['status'], runs)).toMatchObject({ exit: 0, out: expect.stringContaining('running, pid 4711') })
  expect(JSON.parse((await daemon(['status', '--json'], runs)).out)).toMatchObject({ running: true, pid: 4711 })
  expect(await daemon(['status'])).toMatchObject({ exit: 1, out: expect.stringContaining('no daemon answers on') })
  const none = await daemon(['status', '--json'])
  expect([none.exit, JSON.parse(none.out)]).toMatchObject([1, { running: false, silent_pid: null }])
})

test('a file that is refused hides no daemon: it is shown and can be stopped, and why is said beside', async () => {
  home.configure('[vc]\ndata_dir = "/srv/elsewhere"\n[[machines]\n')
  const asked: string[] = []
  const run = (...args: string[]) =>
    daemon(args, {
      pingDaemon: async ({ paths }) => {
        asked.push(paths.dataDir)
        return RUNNING
      },
      processPorts: async () => ({ end: () => true, alive: () => false }),
    })
  const status = await run('status')
  expect(status).toMatchObject({ exit: 0, out: expect.stringContaining('running, pid 4711') })
  expect(status.err).toMatch(/the configuration is refused, and the daemon goes on with the one before: .*vc\.toml/)
  expect(await run('stop')).toMatchObject({ exit: 0, out: expect.stringContaining('pid 4711') })
  expect(new Set(asked)).toEqual(new Set(['/srv/elsewhere']))
  const missing = await run('stop', '--config', '/srv/nowhere.toml')
  expect(missing).toMatchObject({ exit: 2, err: expect.stringContaining('there is no configuration') })
})

test('--detach starts it with the configuration in force and waits for its answer', async () => {
  const launched: unknown[] = []
  let up = false
  const parts: Partial<CliDeps> = {
    pingDaemon: async () => (up ? RUNNING : null),
    processPorts: async () => ({ end: () => true, alive: () => true }),
    boundOutput: (output) => launched.push(['bound', output]),
    launchDaemon(config, output) {
      launched.push([config, output])
      up = true
      return RUNNING.pid
    },
  }
  expect(await daemon(['--detach'], parts)).toMatchObject({
    exit: 0,
    out: expect.stringMatching(/^vc: daemon runs, pid 4711; log in /),
  })
  expect(launched).toEqual([
    ['bound', expect.stringMatching(/daemon\.out$/)],
    [`${home.home}/.config/vc/vc.toml`, expect.stringMatching(/daemon\.out$/)],
  ])
})

test('stop without a daemon says so; install prints and installs nothing', async () => {
  const ports = { processPorts: async () => ({ end: () => true, alive: () => false }) }
  expect(await daemon(['stop'], ports)).toMatchObject({ exit: 0, out: 'vc: no daemon was running\n' })
  expect(await daemon(['install'])).toMatchObject({ out: '', err: expect.stringContaining('--print') })
  expect((await daemon(['install', '--print', '--manager', 'cron'])).exit).toBe(2)
})

test.each([
  [['status', 'now'], "too many arguments for 'status'"],
  [['stop', 'now'], "too many arguments for 'stop'"],
  [['now'], "vc daemon has no command 'now'"],
])('words too many are refused before anything is done: %j', async (argv, says) => {
  const said = await daemon(argv)
  expect([said.exit, said.out]).toEqual([2, ''])
  expect(said.err).toContain(says)
})
