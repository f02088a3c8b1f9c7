import { spawnSync } from 'node:child_process'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { applyHooks, planHooks, verifyHooks } from '../../../src/commands/hooks/index.ts'
import type { Surroundings } from '../../../src/config/index.ts'

const NOW = new Date('2026-11-20T12:00:00Z')
let at: Surroundings
const file = (path: string): string => join(at.home, path)
const put = (path: string, text: string): void => {
  mkdirSync(join(file(path), '..'), { recursive: true, mode: 0o700 })
  writeFileSync(file(path), text, { mode: 0o644 })
}
const read = (path: string): string => readFileSync(file(path), 'utf8')
const install = () => applyHooks(at, 'install', [], NOW)
const remove = () => applyHooks(at, 'remove', [], NOW)

beforeEach(() => {
  const home = mkdtempSync(join(tmpdir(), "vc-hooks-it's-"))
  at = { env: {}, home, tmp: tmpdir(), uid: process.getuid?.() ?? 0, cwd: home }
})
afterEach(() => rmSync(at.home, { recursive: true, force: true }))

const CLAUDE = `${JSON.stringify(
  {
    model: 'opus',
    statusLine: { type: 'command', command: "echo 'my line'", padding: 0 },
    hooks: {
      Stop: [{ hooks: [{ type: 'command', command: 'say done' }] }],
      PreToolUse: [{ matcher: 'Bash', hooks: [] }],
    },
  },
  null,
  '\t',
)}\n`
const CODEX = '# mine\nmodel = "m" # this one\nnotify = ["notify-send", "Codex \\"x\\""] # tell me\n\n[tui]\nx = 1\n'

test('without CLIs there is nothing to plan and nothing is made', () => {
  expect(planHooks(at, 'install')).toEqual([])
  expect(install()).toEqual([])
  expect(existsSync(file('.local'))).toBe(false)
})

test.each([
  ['hooks', { hooks: ['mine'] }, /“hooks” holds something else than an object/],
  ['an event', { hooks: { Stop: 'mine' } }, /“hooks.Stop” holds something else than a list/],
  ['the status line', { statusLine: 'mine' }, /“statusLine” holds something else than an object/],
  ['its command', { statusLine: { command: ['mine'] } }, /“statusLine.command” is no text/],
])('what stands there in place of %s is not put aside', (_, settings, says) => {
  put('.claude/settings.json', JSON.stringify(settings))
  expect(install).toThrow(says)
  expect(read('.claude/settings.json')).toBe(JSON.stringify(settings))
})

test('planning shows a diff and writes nothing', () => {
  put('.claude/settings.json', CLAUDE)
  const [change] = planHooks(at, 'install')
  expect(change?.diff).toContain('vc-tee')
  expect(read('.claude/settings.json')).toBe(CLAUDE)
  expect(existsSync(file('.local'))).toBe(false)
})

test('installing merges, removing brings back what was there, byte for byte', () => {
  put('.claude/settings.json', CLAUDE)
  put('.codex/config.toml', CODEX)
  put('.gemini/settings.json', '{\n  "ui": {}\n}\n')
  expect(install().map(({ outcome }) => outcome)).toEqual(['done', 'done', 'done'])
  const settings = JSON.parse(read('.claude/settings.json'))
  expect(settings.hooks.Stop[0].hooks[0].command).toBe('say done')
  expect(settings.hooks.Stop).toHaveLength(2)
  expect(verifyHooks(at)).toMatchObject({
    tee: 'ready',
    problems: [],
    checks: [{ state: 'all' }, { state: 'all' }, { state: 'all' }],
  })
  expect(install().map(({ outcome }) => outcome)).toEqual(['unchanged', 'unchanged', 'unchanged'])
  remove()
  expect([read('.claude/settings.json'), read('.codex/config.toml'), read('.gemini/settings.json')]).toEqual([
    CLAUDE,
    CODEX,
    '{\n  "ui": {}\n}\n',
  ])
  expect(existsSync(file('.local/share/vc/hooks/vc-tee'))).toBe(false)
})

test('each previous text lies in a backup', () => {
  put('.claude/settings.json', CLAUDE)
  const [effect] = install()
  expect(readFileSync(effect?.backup ?? '', 'utf8')).toBe(CLAUDE)
})

/** Runs a settings command as the CLI would. */
const sh = (command: string, input = '{}') => spawnSync('/bin/sh', ['-c', command], { input, encoding: 'utf8' })

test('with the tee and without it the CLI gets what it had before', () => {
  put('.claude/settings.json', CLAUDE)
  install()
  const { statusLine, hooks } = JSON.parse(read('.claude/settings.json'))
  expect(sh(statusLine.command).stdout).toBe('my line\n')
  expect(sh(hooks.Stop[1].hooks[0].command)).toMatchObject({ status: 0, stdout: '', stderr: '' })
  renameSync(file('.local/share/vc'), file('.local/share/gone'))
  expect(sh(statusLine.command)).toMatchObject({ status: 0, stdout: 'my line\n', stderr: '' })
  expect(sh(hooks.Stop[1].hooks[0].command)).toMatchObject({ status: 0, stdout: '', stderr: '' })
})

test('entries that another program took out are reported with what to do', () => {
  put('.claude/settings.json', '{}\n')
  install()
  const { statusLine, hooks } = JSON.parse(read('.claude/settings.json'))
  const { Stop: _, ...others } = hooks
  put('.claude/settings.json', JSON.stringify({ statusLine, hooks: others }))
  expect(verifyHooks(at).problems).toMatchObject([
    { message: expect.stringContaining('only a part'), fix: expect.stringContaining('vc hooks install') },
  ])
  install()
  sh(
    JSON.parse(read('.claude/settings.json')).hooks.Stop[0].hooks[0].command,
    '{"session_id":"s","hook_event_name":"Stop"}',
  )
  put('.claude/settings.json', '{}\n')
  expect(verifyHooks(at).problems).toMatchObject([{ message: expect.stringContaining('lost') }])
})

test('Claude before its first session ends has a file and no folder yet', () => {
  put('.claude.json', '{}')
  expect(install()).toMatchObject([{ cli: 'claude', outcome: 'done', backup: null }])
  expect(read('.claude/settings.json')).toContain('vc-tee')
})

test('a link stays a link', () => {
  put('dotfiles/settings.json', '{}\n')
  mkdirSync(file('.claude'))
  symlinkSync(file('dotfiles/settings.json'), file('.claude/settings.json'))
  install()
  expect(lstatSync(file('.claude/settings.json')).isSymbolicLink()).toBe(true)
  expect(read('dotfiles/settings.json')).toContain('vc-tee')
})

test.each([
  ['.claude/settings.json', '{ // mine\n}', 'not plain JSON'],
  ['.claude/settings.json', '[]', 'JSON object'],
  ['.codex/config.toml', 'a = = 1', 'no TOML'],
])('%s with %j is refused by name and left alone', (path, text, words) => {
  put(path, text)
  expect(install).toThrow(expect.objectContaining({ code: 'hooks_settings', message: expect.stringContaining(words) }))
  expect(read(path)).toBe(text)
})

test('unknown CLIs get the nearest name', () => {
  expect(() => planHooks(at, 'install', ['clade'])).toThrow(expect.objectContaining({ fix: "did you mean 'claude'?" }))
  expect(() => planHooks(at, 'install', ['opencode'])).toThrow(expect.objectContaining({ code: 'no_hooks' }))
})
