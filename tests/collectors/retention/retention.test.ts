import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { parseRetention, retentionWarnings } from '../../../src/collectors/retention/parse.ts'
import { RETENTION_SCRIPT } from '../../../src/collectors/retention/script.ts'

const homes: string[] = []
afterEach(() => {
  for (const home of homes.splice(0)) rmSync(home, { recursive: true })
})

const homeWith = (files: Readonly<Record<string, string>>): string => {
  const home = mkdtempSync(join(tmpdir(), 'vc-retention-'))
  homes.push(home)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(home, path, '..'), { recursive: true })
    writeFileSync(join(home, path), text)
  }
  return home
}

const ask = (home: string) => {
  const run = spawnSync('sh', ['-s'], {
    input: RETENTION_SCRIPT,
    env: { HOME: home, PATH: process.env.PATH },
    encoding: 'utf8',
  })
  expect(run.status).toBe(0)
  return parseRetention(run.stdout)
}

test('a home without transcripts says nothing', () => {
  expect(ask(homeWith({}))).toEqual([])
})

test("Claude's default of 30 days is named with the edit that stops it", () => {
  const home = homeWith({ '.claude/projects/x.jsonl': '', '.claude/settings.json': '{"model":"opus"}' })
  const settings = ask(home)
  expect(settings).toEqual([{ cli: 'claude', value: null, file: join(home, '.claude/settings.json') }])
  expect(retentionWarnings('atlas', settings ?? [])).toMatchObject([
    { code: 'retention', fix: expect.stringContaining('"cleanupPeriodDays": 3650') },
  ])
})

test('a long period is no warning, a short one is', () => {
  const at = (days: number) => {
    const home = homeWith({
      '.claude/projects/x.jsonl': '',
      '.claude/settings.json': `{\n  "cleanupPeriodDays" : ${days},\n "a": 1}`,
    })
    return retentionWarnings('atlas', ask(home) ?? []).length
  }
  expect([at(3650), at(7)]).toEqual([0, 1])
})

test('Gemini session retention is read out of its block only', () => {
  const text = JSON.stringify(
    { other: { maxAge: '1d' }, general: { sessionRetention: { enabled: true, maxAge: '30d' } } },
    null,
    2,
  )
  const home = homeWith({ '.gemini/tmp/a/logs.json': '[]', '.gemini/settings.json': text })
  expect(ask(home)).toMatchObject([{ cli: 'gemini', value: '30d' }])
})

test('a link in place of the settings is not followed', () => {
  const home = homeWith({ '.claude/projects/x.jsonl': '', 'secret.json': '{"cleanupPeriodDays": 9}' })
  symlinkSync(join(home, 'secret.json'), join(home, '.claude/settings.json'))
  expect(ask(home)).toMatchObject([{ value: null }])
})

test('a cut answer is not taken for an empty one', () => {
  expect(parseRetention('claude\t-\t/x\n')).toBeNull()
})
