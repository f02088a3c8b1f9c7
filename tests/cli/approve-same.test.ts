import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import type { CliIo } from '../../src/cli/io.ts'
import type { ActDoor } from '../../src/commands/act-door.ts'
import type { LoadedConfig } from '../../src/config/index.ts'
import { EXIT, VcError } from '../../src/core/errors.ts'
import { vc } from './fake-cli.ts'

interface Played {
  readonly cli?: string
  readonly kind?: string
  readonly state?: string
  /** What the screen shows now; absent: nothing that can be answered. */
  readonly command?: string | null
  /** Hash that the store has of its screen; default: of the command. */
  readonly stored?: string | null
  /** How its answer ends. */
  readonly ends?: 'verified' | 'prompt_changed' | 'ran_out'
}

const hashOf = (command: string | null): string =>
  Buffer.from(command ?? '-')
    .toString('hex')
    .padEnd(12, '0')
    .slice(0, 12)

/** Agents that wait, and the owner of the store who asks for each and does what was confirmed. */
const fleet = (agents: Readonly<Record<string, Played>>) => {
  const confirmed: (readonly [string, boolean])[] = []
  const proposed: string[] = []
  const refusal = (code: string) => ({
    ...{ outcome: 'refused' as const, effects: [], auditId: 'a-1' },
    refusal: { code, message: `it is ${code}`, fix: 'look again' },
  })
  const door: ActDoor = {
    async propose({ verb, params }) {
      const agent = String(params.agent)
      proposed.push(agent)
      expect(verb).toBe('agent.approve')
      const { command } = agents[agent] ?? {}
      if (command === undefined) return { verdict: 'acted', acted: refusal('no_dialog') }
      const body = command === null ? [] : [`    ${command}`]
      const shown = ['Bash command', ...body, '  [1] Yes', '  [2] No', `dialog ${hashOf(command)}`, 'vc would press 1']
      return { verdict: 'ask', question: 'Do it?', shown, token: agent, expiresAt: '' }
    },
    async confirm(agent, yes) {
      confirmed.push([agent, yes])
      const { ends = 'verified' } = agents[agent] ?? {}
      if (ends === 'ran_out') throw new VcError('bad_token', 'it ran out', 'ask anew', { exitCode: EXIT.refused })
      if (!yes || ends === 'prompt_changed') return refusal(yes ? ends : 'declined')
      return {
        outcome: 'verified',
        effects: [{ what: 'the key was taken', observed: true, evidence: null }],
        auditId: 'a-2',
      }
    },
    close: async () => undefined,
  }
  const rowOf = ([agent, { cli = 'claude', kind = 'managed', state = 'needs_approval' }]: [string, Played]) => ({
    ...{ agent, cli, kind, state, cwd: `/srv/${agent}` },
  })
  const reader = {
    carrier: 'socket' as const,
    async ask({ topic, params }: { topic: string; params: Readonly<Record<string, unknown>> }) {
      const id = String(params.id)
      const { cli = 'claude', command = null, stored = hashOf(command) } = agents[id] ?? {}
      const data =
        topic === 'agents'
          ? { agents: Object.entries(agents).map(rowOf) }
          : { agent: { agent_id: id, cli, cwd: `/srv/${id}` }, pane: { dialog_hash: stored } }
      return { topic, version: 1, generatedAt: '', data }
    },
    close: async () => undefined,
  }
  return { door, reader, confirmed, proposed }
}

const say = async (given: ReturnType<typeof fleet>, answer: string | null, words: readonly string[] = []) => {
  const asked: string[] = []
  let out = ''
  const stream = () => {
    const one = Object.assign(new PassThrough(), { isTTY: true })
    one.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')))
    return one
  }
  const io = {
    ...{ stdin: Object.assign(new PassThrough(), { isTTY: true }), stdout: stream(), stderr: stream() },
    env: { NO_COLOR: '1' },
    ask: async ({ message }: { message: string }) => {
      asked.push(message)
      return answer
    },
  } as unknown as CliIo
  const { exit } = await vc(['agent', 'approve', 'a/claude-1', '--same', ...words], {
    openActDoor: async () => given.door,
    openReader: async () => given.reader,
    loadConfig: async () => ({ notices: [] }) as unknown as LoadedConfig,
    io,
  })
  return { exit, out, asked }
}

const TEST = 'npm test'

test('one yes answers all agents of the CLI that show the identical dialog, one after another, and no other', async () => {
  const given = fleet({
    'a/claude-1': { command: TEST },
    'a/claude-2': { command: 'rm -rf build' },
    'b/claude-3': { command: TEST, kind: 'adopted' },
    'b/claude-4': { command: TEST, kind: 'observed' },
    'b/codex-5': { command: TEST, cli: 'codex' },
    'b/claude-6': { command: TEST, state: 'working' },
  })
  const { exit, out, asked } = await say(given, 'yes')
  expect(asked).toEqual([
    'Approve exactly this for 2 agents: a/claude-1 in /srv/a/claude-1, b/claude-3 in /srv/b/claude-3?',
  ])
  expect(out).toMatch(/Bash command\n +npm test\n/)
  expect(given.proposed).toEqual(['a/claude-1', 'b/claude-3'])
  expect(given.confirmed).toEqual([
    ['a/claude-1', true],
    ['b/claude-3', true],
  ])
  expect(out).toMatch(/a\/claude-1: done and seen\n.*\n.*\nb\/claude-3: done and seen/)
  expect(exit).toBe(0)
})

test('an agent whose screen changed since it was stored is left out by name', async () => {
  const given = fleet({
    'a/claude-1': { command: TEST },
    'a/claude-2': { command: TEST },
    'a/claude-3': { command: 'git push --force', stored: hashOf(TEST) },
    'a/claude-4': { stored: hashOf(TEST) },
  })
  const { out, asked } = await say(given, 'yes')
  expect(asked[0]).toMatch(/for 2 agents: a\/claude-1 .*, a\/claude-2 /)
  expect(out).toMatch(/left out: a\/claude-3 .*\n.*left out: a\/claude-4 /)
  expect(given.confirmed.map(([agent]) => agent)).toEqual(['a/claude-1', 'a/claude-2'])
})

test('a no answers nobody, and each no is kept', async () => {
  const given = fleet({ 'a/claude-1': { command: TEST }, 'a/claude-2': { command: TEST } })
  const { exit } = await say(given, 'no')
  expect(given.confirmed).toEqual([
    ['a/claude-1', false],
    ['a/claude-2', false],
  ])
  expect(exit).toBe(4)
})

test('one that changed after the yes is refused, and the others are answered all the same', async () => {
  const given = fleet({
    'a/claude-1': { command: TEST, ends: 'prompt_changed' },
    'a/claude-2': { command: TEST, ends: 'ran_out' },
    'a/claude-3': { command: TEST },
  })
  const { exit, out } = await say(given, 'yes')
  expect(out).toMatch(/a\/claude-1: refused: it is prompt_changed/)
  expect(out).toMatch(/a\/claude-2: it ran out/)
  expect(out).toMatch(/a\/claude-3: done and seen/)
  expect(exit).toBe(4)
})

test.each<[string, Readonly<Record<string, Played>>, RegExp]>([
  [
    'nothing is quoted',
    { 'a/claude-1': { command: null }, 'a/claude-2': { command: null } },
    /quotes no command that others/,
  ],
  [
    'nobody else asks it',
    { 'a/claude-1': { command: TEST }, 'a/claude-2': { command: 'ls' } },
    /nobody else waits with the dialog/,
  ],
  [
    'no screen of it was stored',
    { 'a/claude-1': { command: TEST, stored: null }, 'a/claude-2': { command: TEST } },
    /nobody else/,
  ],
  ['it shows no dialog', { 'a/claude-1': {}, 'a/claude-2': { command: null } }, /refused: it is no_dialog/],
])('it is refused in words when %s, and nobody is asked', async (_why, agents, words) => {
  const given = fleet(agents)
  const { exit, out, asked } = await say(given, 'yes')
  expect(out).toMatch(words)
  expect([exit, asked, given.confirmed]).toEqual([4, [], []])
})

test('what is about one dialog, or leaves the question out, does not go with it', async () => {
  for (const words of [['--yes'], ['--label', 'Yes'], ['--dialog', '3fa91c2b7d10']]) {
    const given = fleet({ 'a/claude-1': { command: TEST } })
    const { exit, out } = await say(given, 'yes', words)
    expect(out).toMatch(/--same asks for one yes/)
    expect([exit, given.proposed]).toEqual([2, []])
  }
})
