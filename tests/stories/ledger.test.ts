import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeGeminiCorpus } from '../../bench/corpus/gemini.ts'
import { CANARY, writeCorpus } from '../../bench/corpus/index.ts'
import { writeOpencodeCorpus } from '../../bench/corpus/opencode.ts'
import type { SessionTruth } from '../../bench/corpus/session-truth.ts'
import type { Truth } from '../../bench/corpus/truth.ts'
import { newUser } from './vc-process.ts'

const SEED = 21
const CLIS = 'claude,codex,gemini,opencode'

type Sums = Omit<SessionTruth, 'total'>
type Groups = Readonly<Record<string, Sums>>

interface UsageGroup {
  readonly key: string | null
  readonly messages: number
  readonly input_tokens: number
  readonly output_tokens: number
  readonly reasoning_tokens: number
  readonly cache_read_tokens: number
  readonly cache_write_tokens: number
}

const user = newUser()
const canaries: string[] = [CANARY]
const truth: { sessions: Groups; models: Groups } = { sessions: {}, models: {} }
const answers: string[] = []

const sum = (messages: readonly Sums[]): Sums =>
  messages.reduce((a, b) => ({
    messages: a.messages + b.messages,
    input: a.input + b.input,
    output: a.output + b.output,
    cacheRead: a.cacheRead + b.cacheRead,
    cacheWrite: a.cacheWrite + b.cacheWrite,
    reasoning: a.reasoning + b.reasoning,
  }))

const groupsOf = (truths: readonly Truth[], by: 'session' | 'model'): Groups => {
  const groups = Map.groupBy(
    truths.flatMap((one) => [...one.messages.values()]),
    (message) => message[by],
  )
  const sums = [...groups].map(([key, messages]) => [
    key,
    sum(
      messages.map(({ tokens: { input, output, cacheRead, cacheWrite5m, cacheWrite1h, reasoning } }) => ({
        ...{ messages: 1, input, output, cacheRead, reasoning },
        cacheWrite: cacheWrite5m + cacheWrite1h,
      })),
    ),
  ])
  return Object.fromEntries(sums)
}

const withoutTotal = (sessions: Readonly<Record<string, SessionTruth>>): Groups =>
  Object.fromEntries(
    Object.entries(sessions)
      .filter(([, { messages }]) => messages > 0)
      .map(([id, { total: _total, ...rest }]) => [id, rest]),
  )

const say = async (...args: string[]): Promise<string> => {
  const said = await user.vc(...args)
  expect(said, said.stderr).toMatchObject({ code: 0 })
  answers.push(said.stdout, said.stderr)
  return said.stdout
}

const usageBy = async (by: string): Promise<Groups> => {
  const reply = JSON.parse(await say('robot', 'usage', '--by', by, '--since', '2020-01-01', '--json'))
  const groups = reply.data.groups as readonly UsageGroup[]
  return Object.fromEntries(
    groups.map((group) => [
      group.key ?? '',
      {
        messages: group.messages,
        input: group.input_tokens,
        output: group.output_tokens,
        cacheRead: group.cache_read_tokens,
        cacheWrite: group.cache_write_tokens,
        reasoning: group.reasoning_tokens,
      },
    ]),
  )
}

const filesBelow = (dir: string): readonly string[] =>
  readdirSync(dir, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))

describe('the ledger of four CLIs, through the real commands', () => {
  beforeAll(async () => {
    mkdirSync(join(user.home, '.config/vc'), { recursive: true })
    writeFileSync(
      join(user.home, '.config/vc/vc.toml'),
      `[collectors.claude]\nhomes = ["${join(user.home, 'second')}"]\n`,
      { mode: 0o600 },
    )
    const two = writeCorpus(SEED, { home: user.home, bytes: 3 * 1024 * 1024, rare: true })
    const gemini = writeGeminiCorpus(join(user.home, '.gemini'), { seed: SEED, sessions: 12, turnsPerSession: 6 })
    const opencode = writeOpencodeCorpus(join(user.home, '.local/share/opencode'), {
      ...{ seed: SEED, sessions: 12, messagesPerSession: 8 },
    })
    canaries.push(...gemini.canaries, ...opencode.canaries)
    truth.sessions = {
      ...groupsOf([two.claude, two.codex], 'session'),
      ...withoutTotal(gemini.sessions),
      ...withoutTotal(opencode.sessions),
    }
    truth.models = groupsOf([two.claude, two.codex], 'model')
    await say('collect', '--collector', CLIS)
  }, 60_000)
  afterAll(() => user.leave(), 60_000)

  test('every session has exactly the tokens it used, and no other session is there', async () => {
    expect(await usageBy('session')).toEqual(truth.sessions)
  }, 60_000)

  test('so has every model', async () => {
    expect(await usageBy('model')).toMatchObject(truth.models)
  }, 60_000)

  test('collecting again reads nothing and changes nothing', async () => {
    const { runs } = JSON.parse(await say('collect', '--collector', CLIS, '--json'))
    expect(runs.map((run: { collector: string; up: boolean; bytes: number }) => [run.collector, run.up])).toHaveLength(
      4,
    )
    for (const run of runs) if (run.collector !== 'opencode') expect(run).toMatchObject({ up: true, bytes: 0, rows: 0 })
    expect(await usageBy('session')).toEqual(truth.sessions)
  }, 60_000)

  test('no word of a prompt, answer or credential is anywhere: store, log, state file, answers', async () => {
    await say('robot', 'sessions', '--json')
    await say('robot', 'triage', '--json')
    const kept = ['.local/share/vc', '.local/state/vc'].flatMap((dir) => filesBelow(join(user.home, dir)))
    expect(kept.some((path) => path.endsWith('vc.duckdb') && statSync(path).size > 0)).toBe(true)
    for (const path of kept) {
      const bytes = readFileSync(path)
      for (const word of canaries) expect(bytes.includes(word), `${word} in ${path}`).toBe(false)
    }
    for (const word of canaries) expect(answers.join('\n')).not.toContain(word)
  }, 60_000)
})
