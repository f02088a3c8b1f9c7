import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { addMachineToConfig, switchMachine } from '../../src/commands/machines-edit.ts'
import { listMachines, listRunning, showMachine } from '../../src/commands/machines-list.ts'
import { parseProbeLines, probeMachine } from '../../src/commands/machines-probe.ts'
import { loadConfig, type Surroundings } from '../../src/config/index.ts'
import type { Reader, Reply } from '../../src/core/carrier.ts'
import { VcError } from '../../src/core/errors.ts'
import type { Executor, RunClass, RunResult } from '../../src/core/executor.ts'
import { openLocalExecutor } from '../../src/transport/local.ts'

let home: string
let file: string
const at = (): Surroundings => ({ env: {}, home, tmp: home, uid: process.getuid?.() ?? 0, cwd: home })
const load = () => loadConfig(undefined, at())

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'vc-machines-'))
  mkdirSync(join(home, '.config/vc'), { recursive: true })
  file = join(home, '.config/vc/vc.toml')
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const put = (text: string): void => writeFileSync(file, text, { mode: 0o600 })

describe('add', () => {
  test('the first machine does not make this one vanish', () => {
    const report = addMachineToConfig(at(), undefined, load(), { id: 'atlas', ssh: 'ann@atlas' })
    expect(report.file).toBe(file)
    expect(load().config.machines).toMatchObject([{ ssh: 'local' }, { id: 'atlas', ssh: 'ann@atlas' }])
    expect(report.also).toHaveLength(2)
  })

  test('further machines are appended, and a second of the same name is refused with the line of the first', () => {
    put('# mine\n[[machines]]\nid = "here"\nssh = "local"\n')
    addMachineToConfig(at(), undefined, load(), { id: 'atlas', ssh: 'atlas' })
    expect(readFileSync(file, 'utf8')).toBe(
      '# mine\n[[machines]]\nid = "here"\nssh = "local"\n\n[[machines]]\nid = "atlas"\nssh = "atlas"\n',
    )
    expect(() => addMachineToConfig(at(), undefined, load(), { id: 'atlas', ssh: 'other' })).toThrow(
      /vc\.toml:7 has a machine 'atlas' already \(ssh = "atlas"\)/,
    )
    expect(() => addMachineToConfig(at(), undefined, load(), { id: 'me', ssh: 'local' })).toThrow(
      /vc\.toml:4 has this machine already, as 'here'/,
    )
    expect(() => addMachineToConfig(at(), undefined, load(), { id: 'x', ssh: '-oProxyCommand=x' })).toThrow(
      /may hold only/,
    )
    expect(load().config.machines).toHaveLength(2)
  })
})

describe('an argument of add that is refused', () => {
  const refused = (machine: Parameters<typeof addMachineToConfig>[3]): VcError => {
    try {
      addMachineToConfig(at(), undefined, load(), machine)
    } catch (error) {
      return error as VcError
    }
    throw new Error('it was added')
  }

  test.each([
    [{ id: 'bad id', ssh: 'ann@atlas' }, /^the argument <id> 'bad id' may hold only letters, digits/],
    [{ id: '', ssh: 'ann@atlas' }, /^the argument <id> is empty$/],
    [{ id: 'x'.repeat(65), ssh: 'ann@atlas' }, /^the argument <id> must be a text of at most 64 characters/],
    [{ id: 'at\u001b[31mlas', ssh: 'ann@atlas' }, /^the argument <id> 'at\[31mlas' may hold only/],
    [{ id: 'atlas', ssh: 'ann@atlas:70000' }, /^the argument \[target\] has the port "70000"; ports are 1 to 65535$/],
    [{ id: 'atlas', ssh: 'ann:pw@atlas' }, /^the argument \[target\] holds a password/],
    [{ id: 'atlas:0', ssh: 'atlas:0' }, /^the argument <id>, which is the target too, has the port "0"/],
    [{ id: 'atlas', ssh: 'atlas', tags: ['gpu', ''] }, /^the option --tag is empty$/],
    [{ id: 'atlas', ssh: 'atlas', roles: [''] }, /^the option --role is empty$/],
  ])('%j is told by its name, with an example, and of no line of a file', (machine, says) => {
    const { message, fix, exitCode } = refused(machine)
    expect(message).toMatch(says)
    expect(fix).toContain('for example: vc machines add atlas ubuntu@atlas.internal')
    expect(exitCode).toBe(2)
    expect(existsSync(file)).toBe(false)
  })
})

describe('enable and disable', () => {
  test('switch in the file, once', () => {
    put('[[machines]]\nid = "here" # me\nssh = "local"\n')
    expect(switchMachine(at(), undefined, load(), 'here', false)).toMatchObject({ changed: true })
    expect(readFileSync(file, 'utf8')).toBe('[[machines]]\nid = "here" # me\nenabled = false\nssh = "local"\n')
    expect(switchMachine(at(), undefined, load(), 'here', false)).toMatchObject({ changed: false })
  })

  test('an unknown machine gets the nearest name, a built-in one the way to write it down', () => {
    const only = load().config.machines[0]?.id ?? ''
    expect(() => switchMachine(at(), undefined, load(), only, false)).toThrow(/built-in default/)
    put('[[machines]]\nid = "atlas"\nssh = "local"\n')
    expect(() => switchMachine(at(), undefined, load(), 'atals', false)).toThrow(
      expect.objectContaining({ fix: "did you mean 'atlas'?", exitCode: 2 }),
    )
  })
})

describe('list and show', () => {
  const reader = (data: unknown): Reader => ({
    carrier: 'socket',
    ask: async ({ topic }): Promise<Reply> => ({ topic, version: 1, generatedAt: '2026-01-01T00:00:00Z', data }),
    close: async () => {},
  })
  const line = (id: string, status: string, top_issue: string | null = null) => ({
    ...{ id, ssh: id, tags: [], status, status_reason: null, top_issue, age_s: 4 },
  })

  test('join the configuration with what was seen; machines that left stay visible', async () => {
    put('[[machines]]\nid = "a"\nssh = "a"\n[[machines]]\nid = "b"\nssh = "b"\n')
    const { machines, warnings } = await listMachines(load(), async () =>
      reader({ machines: [line('a', 'online'), line('old', 'offline')] }),
    )
    expect(machines).toMatchObject([
      { id: 'a', status: 'online', age_s: 4, configured: true },
      { id: 'b', status: 'unknown', age_s: null, configured: true },
      { id: 'old', status: 'offline', configured: false },
    ])
    expect(warnings).toEqual([])
  })

  test('an answer that is old as a whole says so; what is said of one machine stands in its line', async () => {
    const old = 'state_file: process 7 does not answer; this is its last written state, 59 s old (vc daemon status)'
    const answer = { ...reader({ machines: [line('a', 'online')] }) }
    const { notes } = await listMachines(load(), async () => ({
      ...answer,
      ask: async (request) => ({ ...(await answer.ask(request)), warnings: [old, 'offline: b is offline (x)'] }),
    }))
    expect(notes).toEqual([old])
  })

  test('one that a running daemon has not loaded says so, and so does the answer', async () => {
    put('[[machines]]\nid = "a"\nssh = "a"\n[[machines]]\nid = "b"\nssh = "b"\n')
    const told = 'config_not_loaded: vc.toml changed, and is not loaded: it adds b (vc config reload)'
    const answer = reader({ machines: [line('a', 'online')] })
    const { machines, notes } = await listMachines(load(), async () => ({
      ...answer,
      ask: async (request) => ({ ...(await answer.ask(request)), warnings: [told], notLoaded: ['b'] }),
    }))
    expect(machines.map(({ status_reason }) => status_reason)).toEqual([null, 'not loaded yet: vc config reload'])
    expect(notes).toEqual([told])
  })

  test('what is not online says why; what is online has nothing to explain', async () => {
    put('[[machines]]\nid = "a"\nssh = "a"\n[[machines]]\nid = "b"\nssh = "b"\n')
    const { machines } = await listMachines(load(), async () =>
      reader({ machines: [line('a', 'degraded', 'last answer 2 min ago'), line('b', 'online', 'memory 94 % used')] }),
    )
    expect(machines.map((machine) => machine.status_reason)).toEqual(['last answer 2 min ago', null])
  })

  test('of a machine that left vc.toml it is said when, and not that there is none', async () => {
    const left = new VcError('machine_removed', 'old left vc.toml at 08:40', 'how it was: …')
    const removed = async (): Promise<Reader> => ({ ...reader({}), ask: async () => Promise.reject(left) })
    await expect(showMachine(load(), 'old', removed)).rejects.toBe(left)
    const unknown = async (): Promise<Reader> => ({
      ...reader({}),
      ask: async () => Promise.reject(new VcError('unknown_machine', 'no', 'no')),
    })
    await expect(showMachine(load(), 'odd', unknown)).rejects.toMatchObject({ message: "no machine is called 'odd'" })
  })

  test('where the file is refused, what only it says of a machine is not made up', async () => {
    const writing = { ...line('b', 'online'), writes_allowed: true }
    const { machines } = await listRunning(reader({ machines: [line('a', 'online'), writing] }))
    expect(machines).toMatchObject([
      { id: 'a', status: 'online', roles: null, allow_write_commands: null, allow_autopilot: null },
      { id: 'b', allow_write_commands: true, allow_autopilot: null },
    ])
  })

  test('without a store the configuration is shown, state is unknown, and the reason is said', async () => {
    const closed = async (): Promise<Reader> => {
      throw new Error('no daemon answers')
    }
    const { machines, warnings } = await listMachines(load(), closed)
    expect(machines).toMatchObject([{ status: 'unknown', age_s: null }])
    expect(warnings).toMatchObject([{ code: 'state_unknown', message: expect.stringContaining('no daemon answers') }])
    const shown = await showMachine(load(), machines[0]?.id ?? '', closed)
    expect([shown.seen, shown.warnings.length]).toEqual([null, 1])
  })
})

describe('probe', () => {
  test('reaches this machine for real and names what is there', async () => {
    const machine = load().config.machines[0]
    if (!machine) throw new Error('no machine')
    const report = await probeMachine(load(), machine, {
      openExecutor: async () => ({ executor: openLocalExecutor(), why: () => null }),
    })
    expect(report).toMatchObject({ class: 'ok', detail: null, fix: null, kind: 'local' })
    expect(report.os).toMatch(/^\S+ \S+/)
    expect(Object.values(report.tools).every((path) => path !== '')).toBe(true)
  })

  test.each([
    'host_key_unknown',
    'host_key_changed',
    'auth',
    'dns',
    'refused',
    'timeout',
    'aborted',
  ] satisfies RunClass[])('trouble of class %s comes with a next step, and the way is closed', async (kind) => {
    let closed = 0
    const timings = { queueMs: 0, connectMs: 3.6, execMs: 0 }
    const empty = new Uint8Array()
    const result = {
      class: kind,
      exitCode: null,
      signal: null,
      stdout: empty,
      stderr: empty,
      partial: true,
      timings,
      reusedConnection: false,
      detail: 'its\u001b words',
    }
    const executor = {
      kind: 'ssh2' as const,
      run: async () => result,
      stream: () => {
        throw new Error('not asked for')
      },
      close: async () => void closed++,
    }
    const machine = { ...load().config.machines[0], id: 'atlas', ssh: 'atlas' } as never
    const report = await probeMachine(load(), machine, { openExecutor: async () => ({ executor, why: () => null }) })
    expect(report).toMatchObject({ class: kind, connectMs: 4, detail: 'its words', os: null, tools: {} })
    expect(report.fix).not.toBeNull()
    expect(closed).toBe(1)
  })

  test('the words of a login shell that refuses are shown, and the ssh line of a refused key goes where vc went', async () => {
    const timings = { queueMs: 0, connectMs: 4, execMs: 5 }
    const report = async (more: object) => {
      const none = { exitCode: null, signal: null, stdout: new Uint8Array(0), stderr: new Uint8Array(0), detail: null }
      const result = { ...none, partial: false, timings, reusedConnection: false, ...more } as RunResult
      const executor = { kind: 'ssh2', run: async () => result, close: async () => {} } as unknown as Executor
      const { config, ...loaded } = load()
      const given = { ...loaded, config: { ...config, ssh: { ...config.ssh, config_file: '/srv/ssh/config' } } }
      const machine = { ...config.machines[0], id: 'atlas', ssh: 'ann@atlas:2222' } as never
      return probeMachine(given, machine, { openExecutor: async () => ({ executor, why: () => null }) })
    }
    const stdout = Buffer.from('This account is currently not available.\n')
    expect((await report({ class: 'exit', exitCode: 1, stdout })).detail).toBe(
      'ended with exit code 1, it said "This account is currently not available."',
    )
    expect((await report({ class: 'auth', detail: 'no key accepted' })).fix).toContain(
      'ssh -v -o BatchMode=yes -F /srv/ssh/config -l ann -p 2222 atlas true;',
    )
  })

  test('banners, forged lines and control characters change nothing', () => {
    const text = 'Welcome!\ntool\trm\t/bin/rm\ntool\tgit\t/usr/bin/g\u001bit\nos\tLinux 6\nos\t\nhostname\tbox\n'
    expect(parseProbeLines(new TextEncoder().encode(text))).toEqual({
      os: 'Linux 6',
      hostname: 'box',
      tools: { git: '/usr/bin/git' },
    })
  })
})
