import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { exitOf } from '../../src/cli/act.ts'
import type { CliIo } from '../../src/cli/io.ts'
import type { ActDoor } from '../../src/commands/act-door.ts'
import type { LoadedConfig } from '../../src/config/index.ts'
import type { Acted, ActWish, Effect } from '../../src/core/action.ts'
import { vc } from './fake-cli.ts'

const SEEN: Effect = { what: 'the prompt was submitted', observed: true, evidence: 'transcript' }
const UNSEEN: Effect = { ...SEEN, observed: false, evidence: null }
const DONE: Acted = { outcome: 'verified', effects: [SEEN], auditId: 'a-20261121-00000001' }
const NO_TERMINAL: Acted = {
  outcome: 'refused',
  effects: [],
  auditId: 'a-20261121-00000002',
  refusal: { code: 'no_terminal', message: 'nobody is here', fix: 'run it in a terminal' },
}

interface Door extends ActDoor {
  readonly wishes: ActWish[]
  readonly answers: (readonly [string, boolean, boolean])[]
}

/** An owner that asks on terminals, refuses elsewhere, and does what was confirmed. */
const door = (done: Acted = DONE): Door => {
  const [wishes, answers]: [ActWish[], (readonly [string, boolean, boolean])[]] = [[], []]
  return {
    wishes,
    answers,
    async propose(wish, terminal) {
      wishes.push(wish)
      if (!terminal) return { verdict: 'acted', acted: NO_TERMINAL }
      return { verdict: 'ask', question: 'Do it?', shown: ['  run\u001b[2J it'], token: 't1', expiresAt: '' }
    },
    async confirm(token, yes, terminal) {
      answers.push([token, yes, terminal])
      return yes
        ? done
        : { ...NO_TERMINAL, refusal: { code: 'declined', message: 'you said no', fix: 'nothing was done' } }
    },
    close: async () => undefined,
  }
}

const terminal = (): { readonly io: CliIo; readonly press: (keys: string) => void; readonly seen: () => string } => {
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined })
  const screen = () => Object.assign(new PassThrough(), { isTTY: true, columns: 100, rows: 30 })
  const [stdout, stderr] = [screen(), screen()]
  let seen = ''
  for (const stream of [stdout, stderr]) stream.on('data', (chunk: Buffer) => (seen += chunk.toString('utf8')))
  return {
    io: { stdin, stdout, stderr, env: { NO_COLOR: '1' } },
    press: (keys) => void stdin.write(keys),
    seen: () => seen,
  }
}

const run = (given: Door, words: readonly string[], io?: CliIo) =>
  vc(['agent', ...words], {
    openActDoor: async () => given,
    loadConfig: async () => ({ notices: [], config: { machines: [{ id: 'atlas' }] } }) as unknown as LoadedConfig,
    ...(io ? { io } : {}),
  })

describe('vc agent', () => {
  test('without a terminal it is refused with exit 4, asked or not', async () => {
    const owner = door()
    for (const words of [
      ['send', 'claude', 'run', 'it'],
      ['approve', 'claude', '--yes'],
    ]) {
      const { exit, out } = await run(owner, words)
      expect(exit).toBe(4)
      expect(out).toBe('refused: nobody is here\n  fix: run it in a terminal\n  audit a-20261121-00000002\n')
    }
    expect(owner.answers).toEqual([])
  })

  test('the wish is what was typed, from a person', async () => {
    const owner = door()
    await run(owner, ['send', 'claude', 'run', 'it'])
    await run(owner, ['approve', 'claude', '--label', 'Yes', '--dialog', '3fa91c2b'])
    await run(owner, ['nudge', 'claude', '--bead', 'bd-12'])
    expect(owner.wishes).toMatchObject([
      { verb: 'agent.send', params: { agent: 'claude', text: 'run it' }, origin: 'person' },
      { verb: 'agent.approve', params: { agent: 'claude', label: 'Yes', dialog: '3fa91c2b' } },
      { verb: 'agent.nudge', params: { agent: 'claude', text: '', bead: 'bd-12' } },
    ])
  })

  test('stop is about an agent or about a process that was left behind, never both and never neither', async () => {
    const owner = door()
    await run(owner, ['stop', 'claude'])
    await run(owner, ['stop', '--orphan', '4711', '-m', 'atlas'])
    expect(owner.wishes).toMatchObject([
      { verb: 'agent.stop', params: { agent: 'claude' } },
      { verb: 'orphan.end', params: { pid: '4711', machine: 'atlas' } },
    ])
    for (const words of [['stop'], ['stop', 'claude', '--orphan', '4711'], ['stop', 'claude', '-m', 'atlas']])
      expect((await run(owner, words)).exit).toBe(2)
    expect(owner.wishes).toHaveLength(2)
  })

  test('a machine that there is none of is a slip, with the nearest, and no wish', async () => {
    const owner = door()
    for (const words of [
      ['stop', '--orphan', '4711', '-m', 'atlsa'],
      ['spawn', '--cwd', '/srv/app', '-m', 'atlsa'],
    ])
      expect(await run(owner, words)).toMatchObject({
        exit: 2,
        err: "vc: no machine is called 'atlsa'\n  fix: did you mean 'atlas'?\n",
      })
    expect(owner.wishes).toEqual([])
  })

  test('on a terminal the person sees what it is about, and a clear yes sends the token back', async () => {
    const [owner, at] = [door(), terminal()]
    const running = run(owner, ['interrupt', 'claude'], at.io)
    await expect.poll(at.seen).toContain('Do it?')
    expect(at.seen()).toContain('  run[2J it')
    expect(owner.answers).toEqual([])
    at.press('y')
    expect((await running).exit).toBe(0)
    expect(owner.answers).toEqual([['t1', true, true]])
    expect(at.seen()).toContain('done and seen')
  })

  test.each([
    ['Enter', '\r'],
    ['n', 'n'],
    ['Ctrl-C', '\u0003'],
  ])('%s is a no', async (_name, key) => {
    const [owner, at] = [door(), terminal()]
    const running = run(owner, ['interrupt', 'claude'], at.io)
    await expect.poll(at.seen).toContain('Do it?')
    at.press(key)
    expect((await running).exit).toBe(4)
    expect(owner.answers).toEqual([['t1', false, true]])
  })

  test('--yes on a terminal asks nothing', async () => {
    const [owner, at] = [door(), terminal()]
    expect((await run(owner, ['compact', 'claude', '--yes', '--json'], at.io)).exit).toBe(0)
    expect(owner.answers).toEqual([['t1', true, true]])
    expect(JSON.parse(at.seen())).toEqual({
      data: { outcome: 'verified', effects: [SEEN], audit: DONE.auditId, refusal: null },
    })
  })

  test('what nothing shows is told apart from what was seen, and where to look', async () => {
    const typed: Effect = { what: '6 characters and Enter went to its terminal', observed: true, evidence: 'tmux' }
    const taken: Effect = { what: 'the program took it', observed: false, evidence: null }
    const [owner, at] = [door({ ...DONE, outcome: 'done', effects: [typed, taken] }), terminal()]
    expect((await run(owner, ['send', 'agent-1', 'run it', '--yes'], at.io)).exit).toBe(5)
    expect(at.seen().split('\n')).toEqual([
      'in part: not all of it was seen to happen',
      '  seen: 6 characters and Enter went to its terminal (tmux)',
      '  not seen that the program took it',
      '  look: vc agent logs agent-1 --screen',
      `  audit ${DONE.auditId}`,
      '',
    ])
  })

  test('a text may come from stdin', async () => {
    const owner = door()
    const stdin = new PassThrough()
    stdin.end('first\nsecond\n')
    await run(owner, ['send', 'claude', '-'], { stdin, stdout: new PassThrough(), stderr: new PassThrough(), env: {} })
    expect(owner.wishes[0]?.params.text).toBe('first\nsecond\n')
  })
})

describe('exit codes of actions', () => {
  const unknown: Acted = { ...DONE, outcome: 'outcome_unknown', effects: [] }
  test.each([
    [DONE, 0],
    [{ ...DONE, outcome: 'recorded' }, 0],
    [{ ...DONE, outcome: 'queued', effects: [SEEN, UNSEEN] }, 0],
    [{ ...DONE, outcome: 'done' }, 0],
    [{ ...DONE, outcome: 'done', effects: [SEEN, UNSEEN] }, 5],
    [{ ...DONE, outcome: 'verified', effects: [UNSEEN] }, 5],
    [unknown, 5],
    [NO_TERMINAL, 4],
  ] as const)('%j is %i', (acted, exit) => expect(exitOf(acted as Acted)).toBe(exit))
})
