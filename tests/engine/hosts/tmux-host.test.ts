import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { openTmuxHost } from '../../../src/engine/hosts/tmux-host.ts'
import { missingPrograms } from '../../transport/executors/fleet.ts'
import { alive, hostedTmux } from './hosted-tmux.ts'
import { scratchTmux } from './scratch-tmux.ts'

describe.skipIf(missingPrograms(['tmux', 'setsid']) !== null)('tmux as the host of agents', () => {
  const here = hostedTmux()

  test('the server has settings of its own, a folder nobody else may enter and none of the caller’s variables', async () => {
    const had = process.env.VC_SECRET_OF_THE_DAEMON
    process.env.VC_SECRET_OF_THE_DAEMON = 'hush'
    try {
      const pane = await here.start('env; exec cat')
      await here.shows(pane, /VC_SESSION=/)
      expect(here.scratch.tmux('show-environment', '-g').stdout).not.toContain('hush')
      expect((await here.host.capture([pane.ref]))[0]).not.toMatchObject({ text: expect.stringContaining('hush') })
    } finally {
      if (had === undefined) delete process.env.VC_SECRET_OF_THE_DAEMON
      else process.env.VC_SECRET_OF_THE_DAEMON = had
    }
    const option = (name: string, ...flags: string[]): string =>
      here.scratch.tmux('show-options', '-v', ...flags, name).stdout.trim()
    expect(option('history-limit', '-g')).toBe('5000')
    expect(option('exit-empty', '-s')).toBe('off')
    expect(option('set-clipboard', '-s')).toBe('off')
    expect(option('remain-on-exit', '-gw')).toBe('on')
    expect(option('allow-passthrough', '-gw')).toBe('off')
    expect(option('status', '-g')).toBe('off')
    expect(option('window-size', '-w')).toBe('manual')
    expect(statSync(join(here.scratch.dir, 'run')).mode & 0o777).toBe(0o700)
  })

  test('what an agent makes is open to whom its user’s files are, not to its owner alone', async () => {
    const usual = process.umask(0o022)
    try {
      await here.shows(await here.start('echo "mask $(umask)"; exec cat'), /mask 0022/)
    } finally {
      process.umask(usual)
    }
    expect(statSync(here.scratch.socket).mode & 0o077).toBe(0)
  })

  test('a secret reaches the child and stands in no process list', async () => {
    let listed = ''
    const watching = setInterval(() => {
      for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
        try {
          listed += readFileSync(`/proc/${pid}/cmdline`, 'utf8')
        } catch {}
    }, 1)
    const pane = await here.start('echo "[$KEY]"; exec cat', { env: { KEY: 'sk-only-the-child' } })
    await here.shows(pane, 'sk-only-the-child')
    await here.host.type(pane.ref, { text: 'a prompt for nobody else', enterAfterMs: 30 })
    clearInterval(watching)
    expect(listed).toContain('tmux')
    expect(listed).not.toContain('sk-only-the-child')
    expect(listed).not.toContain('a prompt for nobody else')
  })

  test('agents live on when whoever started them is killed, with tags and history', async () => {
    const script = join(here.scratch.dir, 'starter.ts')
    const at = (path: string): string => JSON.stringify(join(import.meta.dirname, '../../../src', path))
    writeFileSync(
      script,
      `import { openTmuxHost } from ${at('engine/hosts/tmux-host.ts')}
import { openLocalExecutor } from ${at('transport/local.ts')}
const host = openTmuxHost({ machineId: 'here', executor: openLocalExecutor(), socket: process.argv[2] })
for (let i = 0; i < 3; i++)
  await host.start({ name: 'a' + i, argv: ['sh', '-c', 'echo history; exec cat'], cwd: '/tmp', tags: { agent: 'here/a' + i } })
console.log('started')
setInterval(() => {}, 1000)
`,
    )
    const starter = spawn(process.execPath, [script, here.scratch.socket], {
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    })
    await new Promise<void>((done) => starter.stdout.once('data', () => done()))
    const ended = new Promise((done) => starter.once('exit', done))
    process.kill(-(starter.pid ?? 0), 'SIGKILL')
    await ended
    const listed = await here.host.list()
    expect(listed).toMatchObject({ is: 'listed' })
    if (listed.is !== 'listed') return
    expect(listed.panes.map(({ tags, dead }) => [tags.agent, dead])).toEqual([0, 1, 2].map((i) => [`here/a${i}`, null]))
    for (const pane of listed.panes) await here.shows(pane, 'history')
  })

  test('children that ignore TERM and HUP and those with a session of their own are ended; one that left before is named', async () => {
    const pane = await here.start(`trap '' TERM HUP
setsid sh -c 'trap "" TERM HUP; echo $$ >child; while :; do sleep 1; done' &
(setsid sh -c 'trap "" TERM HUP; echo $$ >orphan; while :; do sleep 1; done' &)
while :; do sleep 1; done`)
    const [child, orphan] = [await here.pidIn('child'), await here.pidIn('orphan')]
    try {
      const ended = await here.host.end(pane.ref, 300)
      expect(ended).toMatchObject({ is: 'ended', paneRemoved: true })
      if (ended.is !== 'ended') return
      expect(ended.ended.map(({ pid }) => pid)).toEqual(expect.arrayContaining([pane.ref.pid, child]))
      expect([pane.ref.pid, child].map(alive)).toEqual([false, false])
      // what still lives is named: nothing of the pane is left unsaid
      const named = ended.survivors.map(({ pid }) => pid)
      expect(alive(orphan) ? named : []).toEqual(alive(orphan) ? expect.arrayContaining([orphan]) : [])
    } finally {
      if (alive(orphan)) process.kill(orphan, 'SIGKILL')
    }
  })

  test('two hosts that know nothing of one another do not mix their messages', async () => {
    const pane = await here.start('stty -echo; exec cat', { rows: 100 })
    const other = openTmuxHost({ machineId: 'here', executor: here.executor, socket: here.scratch.socket })
    const words = Array.from({ length: 16 }, (_, i) => `${'ab'[i % 2]}${String(i).padStart(2, '0')}`.repeat(8))
    const typed = await Promise.all(
      words.map((text, i) => (i % 2 === 0 ? here.host : other).type(pane.ref, { text, enterAfterMs: 20 })),
    )
    await other.close()
    expect(typed.map(({ is }) => is)).toEqual(words.map(() => 'typed'))
    const seen = async (): Promise<readonly string[]> => {
      const [screen] = await here.host.capture([pane.ref])
      return screen?.is === 'screen' ? screen.text.split('\n').map((line) => line.trim()) : []
    }
    await vi.waitFor(async () => expect((await seen()).toSorted()).toEqual(words.toSorted()), { timeout: 45_000 })
  })

  test('a lease that its writer left behind ends by itself', async () => {
    const pane = await here.start('exec cat')
    const past = Math.floor(Date.now() / 1000) - 1
    here.scratch.tmux('set-option', '-p', '-t', pane.ref.paneId, '@vc_w', `abc123.${past}`)
    expect(await here.host.type(pane.ref, { text: 'x' })).toMatchObject({ is: 'typed' })
    expect(here.scratch.tmux('show-options', '-p', '-v', '-t', pane.ref.paneId, '@vc_w').stdout.trim()).toBe('')
  })

  test('copy mode, switched-off input and a person at the keys refuse; who only looks does not', async () => {
    const pane = await here.start('exec cat')
    const typed = (more = {}) => here.host.type(pane.ref, { text: 'x' }, more)
    here.scratch.tmux('copy-mode', '-t', pane.ref.paneId)
    expect(await typed()).toMatchObject({ is: 'refused', why: 'copy_mode' })
    here.scratch.tmux('send-keys', '-t', pane.ref.paneId, '-X', 'cancel')
    here.scratch.tmux('select-pane', '-d', '-t', pane.ref.paneId)
    expect(await typed()).toMatchObject({ is: 'refused', why: 'input_off' })
    here.scratch.tmux('select-pane', '-e', '-t', pane.ref.paneId)

    const desk = scratchTmux()
    const sit = (...flags: readonly string[]) =>
      desk.tmux(
        '-f',
        '/dev/null',
        'new-session',
        '-d',
        '-x',
        '80',
        '-y',
        '20',
        '-s',
        `d${flags.length}`,
        'env',
        '-u',
        'TMUX',
        'tmux',
        '-S',
        here.scratch.socket,
        'attach',
        ...flags,
      )
    const seats = (): string[] =>
      here.scratch.tmux('list-clients', '-F', '#{client_readonly}').stdout.split('\n').filter(Boolean)
    try {
      sit('-r')
      await vi.waitFor(() => expect(seats()).toEqual(['1']), { timeout: 45_000 })
      expect(await typed()).toMatchObject({ is: 'typed' })
      sit()
      await vi.waitFor(() => expect(seats().toSorted()).toEqual(['0', '1']), { timeout: 45_000 })
      expect(await typed({ humanQuietS: 600 })).toMatchObject({ is: 'refused', why: 'human_typing' })
      expect(await typed({ humanQuietS: 0 })).toMatchObject({ is: 'typed' })
      const listed = await here.host.list()
      expect(listed).toMatchObject({
        panes: [{ cols: 120, rows: 30, clients: [{ control: false }, { control: false }] }],
      })
    } finally {
      desk.down()
    }
  })

  test('all that a terminal shows is kept in files that take turns', async () => {
    const spec = {
      name: 'chatty',
      argv: [
        'sh',
        '-c',
        'i=0; while [ $i -lt 60000 ]; do i=$((i+1)); echo "line $i of many words"; done; exec cat',
      ] as const,
    }
    const started = await here.host.start({
      ...spec,
      argv: [...spec.argv],
      cwd: here.scratch.dir,
      log: { maxBytes: 100_000, files: 3 },
    })
    if (started.is !== 'started' || started.logPath === null) throw new Error(JSON.stringify(started))
    const { logPath, pane } = started
    await here.shows(pane, 'line 60000 of')
    await here.host.end(pane.ref, 500)
    const files = (): readonly string[] =>
      readdirSync(join(here.scratch.dir, 'logs'))
        .filter((name) => name.startsWith('chatty'))
        .toSorted()
    await vi.waitFor(() => expect(files()).toEqual(['chatty.log', 'chatty.log.1', 'chatty.log.2']), { timeout: 45_000 })
    await vi.waitFor(
      () =>
        expect(['.1', ''].map((end) => readFileSync(`${logPath}${end}`, 'utf8')).join('')).toContain(
          'line 60000 of many words',
        ),
      { timeout: 45_000 },
    )
    for (const file of files()) {
      expect(statSync(join(here.scratch.dir, 'logs', file)).mode & 0o777).toBe(0o600)
      expect(statSync(join(here.scratch.dir, 'logs', file)).size).toBeLessThan(100_000 + 16 * 65_536)
    }
  })

  test('a view whose reader sleeps slows nobody, and goes on with the screen as it is then', async () => {
    const pane = await here.start(
      'i=0; while [ $i -lt 400000 ]; do i=$((i+1)); echo "flood $i"; done; touch done; exec cat',
      { log: null },
    )
    const kinds: string[] = []
    let last = ''
    const stop = new AbortController()
    for await (const event of here.host.follow(pane.ref, stop.signal)) {
      kinds.push(event.is)
      if (event.is === 'screen') last = event.screen.text
      if (event.is === 'output') last = Buffer.from(event.bytes).toString('utf8')
      // the first reading takes longer than all of the flood
      if (kinds.length === 2)
        await vi.waitFor(() => expect(existsSync(join(here.scratch.dir, 'done'))).toBe(true), {
          timeout: 60_000,
          interval: 100,
        })
      if (last.includes('flood 400000')) stop.abort()
    }
    expect(kinds[0]).toBe('screen')
    expect(kinds).toContain('skipped')
    expect(kinds.at(-1)).toBe('over')
  }, 90_000)
})
