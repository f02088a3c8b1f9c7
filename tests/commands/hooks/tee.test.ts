import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { TEE_SCRIPT } from '../../../src/commands/hooks/tee-script.ts'

const FIXTURES = join(import.meta.dirname, '../../fixtures/hooks')
const fixture = (path: string): string => readFileSync(join(FIXTURES, path), 'utf8')
const firstLine = (path: string): string => fixture(path).split('\n')[0] ?? ''

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'vc-tee-'))
  mkdirSync(join(dir, 'events'))
  writeFileSync(join(dir, 'vc-tee'), TEE_SCRIPT, { mode: 0o700 })
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const tee = (words: readonly string[], input: string) =>
  spawnSync(join(dir, 'vc-tee'), [...words], { input, encoding: 'utf8' })
const written = (): string =>
  readdirSync(join(dir, 'events'))
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => readFileSync(join(dir, 'events', name), 'utf8'))
    .join('')
const notes = (): Record<string, unknown>[] =>
  written()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))

test('the status line runs as before, and its limits are kept', () => {
  const status = fixture('claude/statusline-subscription-42pct-2.1.329.json')
  const ran = tee(['claude-statusline', 'printf "seen "; grep -c session_id'], status)
  expect([ran.stdout, ran.status]).toEqual(['seen 1\n', 0])
  expect(notes()).toMatchObject([
    {
      v: 1,
      cli: 'claude',
      from: 'statusline',
      context_window_tokens: 1_000_000,
      rate_limits: { five_hour: { used_percentage: 42 } },
    },
  ])
})

test('an unchanged status line is kept once', () => {
  for (const pct of ['42', '42', '93', '93'])
    tee(['claude-statusline'], fixture(`claude/statusline-subscription-${pct}pct-2.1.329.json`))
  expect(notes()).toHaveLength(2)
})

test('the exit status of the own status line is handed on', () => {
  expect(tee(['claude-statusline', 'exit 7'], '{}').status).toBe(7)
})

test.each(readdirSync(join(FIXTURES, 'claude')).filter((name) => name.endsWith('.jsonl')))(
  'of %s only names and kinds are kept',
  (file) => {
    const payload = JSON.parse(firstLine(`claude/${file}`))
    const ran = tee(['claude-hook'], JSON.stringify(payload))
    expect([ran.stdout, ran.stderr, ran.status]).toEqual(['', '', 0])
    expect(notes()).toMatchObject([{ event: payload.hook_event_name, session_id: payload.session_id }])
    expect(written()).not.toMatch(/touch|Mock|home|mock:/)
  },
)

test('Gemini says what waits; Codex hands its JSON on to the program that stood there', () => {
  tee(['gemini-hook'], firstLine('gemini/Notification.jsonl'))
  const ran = tee(['codex-notify', 'printf', '%.20s', firstLine('codex/notify-argv.jsonl')], '')
  expect(ran.stdout).toBe('{"type":"agent-turn-')
  expect(notes()).toMatchObject([
    { cli: 'gemini', event: 'Notification', kind: 'ToolPermission' },
    { cli: 'codex', event: 'agent-turn-complete' },
  ])
  expect(written()).not.toContain('Mock')
})

test.each([
  ['no folder', () => rmSync(join(dir, 'events'), { recursive: true })],
  ['garbage', () => {}],
])('%s: nothing is said and nothing fails', (_, spoil) => {
  spoil()
  const ran = tee(['claude-hook'], '\u0000\u001b[2J{"session_id":"a\nb","hook_event_name":"x y"}')
  expect([ran.stdout, ran.stderr, ran.status]).toEqual(['', '', 0])
})

test('foreign values cannot break out of their line', () => {
  tee(
    ['claude-hook'],
    JSON.stringify({ hook_event_name: 'Stop', session_id: 'a"},{"v":1', reason: 'x\\', error: 'ok' }),
  )
  expect(notes()).toMatchObject([{ event: 'Stop', error: 'ok' }])
  expect(notes()[0]).not.toHaveProperty('session_id')
})
