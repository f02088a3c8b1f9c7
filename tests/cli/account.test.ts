import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { type AccountsAnswer, accountTable } from '../../src/cli/account-table.ts'
import { paintFor } from '../../src/cli/io.ts'
import type { Reader } from '../../src/core/carrier.ts'
import { vc } from './fake-cli.ts'
import { scratchHome } from './scratch-home.ts'

const at = scratchHome()

const readerOf = (data: unknown) => async (): Promise<Reader> => ({
  carrier: 'embedded',
  ask: async ({ topic }) => ({ topic, version: 1, generatedAt: '2026-11-20T22:00:00Z', data }),
  close: async () => {},
})

const EMPTY: AccountsAnswer = { windows: [], accounts: [], recommendations: [] }
const FULL: AccountsAnswer = {
  windows: [
    { provider: 'anthropic', account: 'u1', limit: 'claude', window: '5h', used_pct: 96, unknown_because: null, resets_at: '2026-11-20T23:00:00Z', age_s: 180, stale: false, source: 'caut.oauth', machine: 'atlas', conflicts: [] },
    { provider: 'anthropic', account: 'u1', limit: 'claude', window: '7d', used_pct: null, unknown_because: 'window_ended', resets_at: null, age_s: 90_000, stale: true, source: 'caam.limits', machine: 'borg', conflicts: [] },
  ],
  accounts: [{ provider: 'anthropic', account: 'u1', label: 'ops-a@example.test', plan: 'max', machines: ['atlas', 'borg'], held_until: null, conflicts: ['5h: a and b differ by 34 points'], profiles: [{ machine: 'atlas', profile: 'ops-a', active: true }] }],
  recommendations: [
    {
      provider: 'anthropic', why: null, others: [],
      use: { account: 'u2', label: null, usable: true, headroom_pct: 60, reasons: ['5h: 40 % used'], machine: 'borg', command: 'caam activate claude ops-b', why_no_command: null },
    },
    { provider: 'openai', use: null, why: 'no fresh observation', others: [] },
  ],
} // biome-ignore format: a table

test('list says what is known, how old it is, and who disagrees', async () => {
  const said = await vc(['account', 'list'], { at: at(), openReader: readerOf(FULL) })
  expect([said.exit, said.err]).toEqual([0, ''])
  expect(said.out).toMatch(
    /^ops-a@example\.test +anthropic +max +5h +96 % +11-20 23:00 +3 min +caut\.oauth +atlas\* borg$/m,
  )
  expect(said.out).toMatch(/^ +7d +\? \(window ended\) +\? +25 h old +caam\.limits$/m)
  expect(said.out).toContain('sources disagree: 5h: a and b differ by 34 points')
  expect(said.out).not.toContain('\u001b')
})

test('colours come with a terminal and go with NO_COLOR', async () => {
  expect(accountTable(FULL, paintFor(true))).toContain('\u001b[31m96 %')
  const stdout = new PassThrough()
  let text = ''
  stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  const io = { stdin: new PassThrough(), stdout, stderr: new PassThrough(), env: { NO_COLOR: '1', FORCE_COLOR: '1' } }
  await vc(['account', 'list'], { at: at(), openReader: readerOf(FULL), io })
  expect(text).toContain('96 %')
  expect(text).not.toContain('\u001b')
})

test('nothing seen yet says why and what would fill it', async () => {
  for (const verb of ['list', 'recommend']) {
    const said = await vc(['account', verb], { at: at(), openReader: readerOf(EMPTY) })
    expect(said.exit).toBe(0)
    expect(said.out).toMatch(/No account has been seen yet[\s\S]*caut or caam/)
  }
})

test('recommend gives the command and where, or says that nothing fresh is known', async () => {
  const said = await vc(['account', 'recommend'], { at: at(), openReader: readerOf(FULL) })
  expect(said.out).toContain('anthropic: use u2 (on borg: caam activate claude ops-b)')
  expect(said.out).toContain('openai: no fresh observation')
})

test('claude is anthropic; a provider nobody has seen is a slip', async () => {
  const json = await vc(['account', 'recommend', '--provider', 'claude', '--json'], {
    at: at(),
    openReader: readerOf(FULL),
  })
  expect(JSON.parse(json.out).recommendations).toMatchObject([{ provider: 'anthropic', use: { account: 'u2' } }])
  const wrong = await vc(['account', 'list', '--provider', 'clod'], { at: at(), openReader: readerOf(FULL) })
  expect([wrong.exit, wrong.out]).toEqual([2, ''])
  expect(wrong.err).toContain('providers: anthropic')
})
