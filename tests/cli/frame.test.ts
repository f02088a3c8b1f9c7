import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { commands } from '../../src/cli/commands/index.ts'
import type { CommandEntry } from '../../src/cli/deps.ts'
import { paintFor, wantsColour } from '../../src/cli/io.ts'
import { verbOf } from '../../src/cli/program.ts'
import { ageText, tableText } from '../../src/cli/table.ts'
import { vc } from './fake-cli.ts'

describe('the command word', () => {
  test.each([
    [['machines', 'list'], 'machines'],
    [['--config', 'machines', 'config'], 'config'],
    [['--format', 'json', '--no-color', 'status'], 'status'],
    [['help', 'machines'], 'machines'],
    [['--json'], undefined],
    [[], undefined],
  ])('of %j is %j', (argv, verb) => expect(verbOf(argv)).toBe(verb))

  test('loads only the file of the command that was typed', async () => {
    const loaded: string[] = []
    const spied = commands.map(
      (entry): CommandEntry => ({
        ...entry,
        load: () => {
          loaded.push(entry.name)
          return entry.load()
        },
      }),
    )
    await vc(['config', 'explain', 'vc'], { entries: spied })
    await vc(['--help'], { entries: spied })
    expect(loaded).toEqual(['config'])
  })
})

describe('errors', () => {
  const broken = (thrown: unknown) => ({
    loadConfig: async () => {
      throw thrown
    },
  })

  test('an unknown command is exit 2 with the nearest one', async () => {
    expect(await vc(['machnes'])).toMatchObject({
      exit: 2,
      out: '',
      err: "vc: unknown command 'machnes'\n  fix: did you mean machines?\n",
    })
    expect((await vc(['machines', 'lst'])).err).toContain('did you mean list?')
    expect((await vc(['config', 'show', '--jsn'])).err).toContain('did you mean --json?')
  })

  test('a group without a command shows its help on stderr and is exit 2; asked for, it is an answer', async () => {
    const bare = await vc(['machines'])
    expect([bare.exit, bare.out]).toEqual([2, ''])
    expect(bare.err).toContain('add [options] <id> [target]')
    const asked = await vc(['machines', '--help'])
    expect([asked.exit, asked.err]).toEqual([0, ''])
    expect((await vc(['help', 'machines'])).out).toBe(asked.out)
  })

  test('help of a command within a group is the help of that command, and a slip there is named', async () => {
    const page = await vc(['machines', 'add', '--help'])
    expect(page.out).toContain('Usage: vc machines add')
    for (const argv of [
      ['help', 'machines', 'add'],
      ['--json', 'help', 'machines', 'add'],
      ['machines', 'help', 'add'],
    ])
      expect(await vc(argv)).toMatchObject({ exit: 0, out: page.out, err: '' })
    expect((await vc(['help', 'help'])).out).toBe((await vc(['--help'])).out)
    expect((await vc(['help', 'robot', 'triage'])).out).toBe((await vc(['robot', '--help'])).out)
    const fault = { exit: 2, out: '', err: "vc: unknown command 'machines lst'\n  fix: did you mean 'list'?\n" }
    expect(await vc(['help', 'machines', 'lst'])).toMatchObject(fault)
    expect(await vc(['machines', 'help', 'lst'])).toMatchObject(fault)
  })

  test('a word too many is told how a machine is named, where the command takes one', async () => {
    expect((await vc(['status', 'atlas'])).err).toContain(
      '\n  fix: a machine: -m, --machine <id>; see: vc status --help',
    )
    expect((await vc(['watch', 'atlas'])).err).toContain('\n  fix: a machine: --machines <ids>; see: vc watch --help')
    expect((await vc(['report', '24h'])).err).toContain('\n  fix: see: vc report --help')
    expect((await vc(['diff', '2h', '1h', 'atlas'])).err).toContain('\n  fix: see: vc diff --help')
  })

  test('a word too few is told how the command is written', async () => {
    expect((await vc(['machines', 'add'])).err).toContain(
      '\n  fix: vc machines add <id> [target]; see: vc machines add --help',
    )
    expect((await vc(['alert', 'ack'])).err).toContain('\n  fix: vc alert ack <alert>; see: vc alert ack --help')
  })

  test('too few, too many and wrong words are exit 2', async () => {
    for (const argv of [
      ['machines', 'show'],
      ['completion'],
      ['completion', 'tcsh'],
      ['config', 'paths', 'x'],
      ['--format'],
      ['config', 'show', '--format', 'xml'],
    ]) {
      const said = await vc(argv)
      expect([argv.join(' '), said.exit, said.out]).toEqual([argv.join(' '), 2, ''])
      expect(said.err).toMatch(/^vc: .+\n {2}fix: .+\n$/)
    }
  })

  test('with --json the error is one object on stderr, anywhere the flag stands', async () => {
    for (const argv of [
      ['--json', 'machnes'],
      ['machnes', '--json'],
      ['--format', 'json', 'machnes'],
      ['machnes', '--format=json'],
    ]) {
      const said = await vc(argv)
      expect(JSON.parse(said.err)).toMatchObject({
        error: { code: 'unknown_command', fix: 'did you mean machines?', exit_code: 2 },
      })
    }
  })

  test('a question of `vc robot` typed as a command names the way to its answer', async () => {
    const said = await vc(['usage', '--since', '7d'])
    expect([said.exit, said.err]).toEqual([
      2,
      expect.stringMatching(/unknown command 'usage'\n {2}fix: vc robot usage tells it: Tokens/),
    ])
    expect((await vc(['agents'])).err).toMatch(/fix: did you mean agent\? Or: vc robot agents tells it: /)
    expect((await vc(['frobnicate'])).err).toContain('fix: see: vc --help')
  })

  test('a slip is sent to the help of the command it was made in', async () => {
    const fix = async (...argv: string[]) => /fix: (.*)/.exec((await vc(argv)).err)?.[1]
    expect(await fix('oracle', 'limits')).toBe('see: vc oracle --help')
    expect(await fix('--config', 'db', 'agent', 'list', '--no-such')).toBe('see: vc agent list --help')
    expect(await fix('agent', 'distribute', 'x')).toBe('a machine: -m, --machine <id>; see: vc agent distribute --help')
  })

  test('something that broke inside is exit 1 and says so', async () => {
    const said = await vc(['machines', 'list'], broken(new TypeError('x is not a function')))
    expect(said.exit).toBe(1)
    expect(said.err).toMatch(/something in vc broke: x is not a function\n {2}fix: please report it/)
  })

  test('no message can steer the terminal', async () => {
    const said = await vc(['machines', 'list'], broken(new Error('evil \u001b[2J\u0007 name')))
    expect(said.err).not.toMatch(/[\u0007\u001b]/)
  })
})

test('help of every command has an example', async () => {
  for (const entry of commands) {
    const top = await vc([entry.name, '--help'])
    const names = [...top.out.matchAll(/^ {2}([a-z]+) [^\n]*$/gm)].map((match) => match[1] ?? '')
    const groups = top.out.includes('\nCommands:') ? names.filter((name) => name !== 'help') : [null]
    for (const name of groups) {
      const page = name === null ? top : await vc([entry.name, name, '--help'])
      // A group may show them for all its commands at once.
      expect(top.out + page.out, `${entry.name} ${name ?? ''}`).toContain('Examples:')
    }
  }
})

test('vc alone is help, --version is the version', async () => {
  expect((await vc([])).out).toContain('Exit codes: 0 answered')
  expect(await vc(['--version'])).toMatchObject({ exit: 0, out: '9.9.9\n' })
})

describe('colour', () => {
  const io = (env: Record<string, string>, isTTY = true) => ({
    env,
    stdin: new PassThrough(),
    stderr: new PassThrough(),
    stdout: Object.assign(new PassThrough(), { isTTY }),
  })

  test.each([
    ['a terminal', {}, true, true, true],
    ['a pipe', {}, false, true, false],
    ['--no-color', { FORCE_COLOR: '1' }, true, false, false],
    ['NO_COLOR', { NO_COLOR: '1', FORCE_COLOR: '1' }, true, true, false],
    ['an empty NO_COLOR', { NO_COLOR: '' }, true, true, true],
    ['FORCE_COLOR on a pipe', { FORCE_COLOR: '1' }, false, true, true],
    ['FORCE_COLOR=0', { FORCE_COLOR: '0' }, true, true, false],
    ['a dumb terminal', { TERM: 'dumb' }, true, true, false],
  ])('%s', (_, env, tty, flag, wanted) => expect(wantsColour(io(env, tty), flag)).toBe(wanted))
})

test('tables line up by what is seen, wide letters and colours too', () => {
  const paint = paintFor(true)
  const text = tableText(
    ['name', 'state'],
    [
      ['日本', paint('good', 'up')],
      ['ab', 'down'],
    ],
    paint,
  )
  const bare = text.replace(/\u001b\[\d+m/g, '').split('\n')
  expect(bare).toEqual(['name  state', '日本  up', 'ab    down'])
})

test.each([
  [null, 'never'],
  [0, '0 s'],
  [119, '119 s'],
  [120, '2 min'],
  [7200, '2 h'],
  [172_800, '2 d'],
])('an age of %j is %j', (ageS, text) => expect(ageText(ageS)).toBe(text))
