import { appendFileSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  locateTranscript,
  type TranscriptPlace,
  watchLines,
  watchRows,
} from '../../src/commands/agent-eye-transcript.ts'
import { openLocalAsker } from './local-asker.ts'

const ID = '1b235b0c-6ce6-4c46-bd3e-8821533099eb'
let home = ''
let end = async (): Promise<void> => undefined
let asker: ReturnType<typeof openLocalAsker>['asker']

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'vc-eye-'))
  vi.stubEnv('HOME', home)
  vi.stubEnv('XDG_DATA_HOME', '')
  ;({ asker, end } = openLocalAsker())
})

afterEach(async () => {
  await end()
  vi.unstubAllEnvs()
  rmSync(home, { recursive: true, force: true })
})

const said = (content: string): string => `${JSON.stringify({ type: 'user', message: { content } })}\n`

const claudeFile = (): string => {
  const folder = join(home, '.claude/projects/-w')
  mkdirSync(folder, { recursive: true })
  return join(folder, `${ID}.jsonl`)
}

const place = (sessionId: string | null) => (): Promise<TranscriptPlace> =>
  locateTranscript(asker, 'claude', { sessionId, pid: process.pid, homes: [] })

describe('the transcript of a watched prompt', () => {
  test('counts from where the watch began: the same prompt of yesterday proves nothing', async () => {
    const file = claudeFile()
    writeFileSync(file, said('go on'))
    const watch = await watchLines(asker, 'claude', 'go on', place(ID))
    expect(await watch.count()).toMatchObject({ recorded: 0 })
    appendFileSync(file, said('something else'))
    expect(await watch.count()).toMatchObject({ recorded: 0 })
    appendFileSync(file, said('go on').slice(0, 20))
    expect(await watch.count()).toMatchObject({ recorded: 0 })
    appendFileSync(file, said('go on').slice(20))
    expect(await watch.count()).toMatchObject({ recorded: 1 })
    expect(await watch.count()).toMatchObject({ recorded: 1 })
  })

  test('that does not exist yet holds nothing, and is found when the first prompt makes it', async () => {
    const watch = await watchLines(asker, 'claude', 'go on', place(ID))
    expect(await watch.count()).toMatchObject({ recorded: 0 })
    writeFileSync(claudeFile(), said('go on'))
    expect(await watch.count()).toMatchObject({ recorded: 1, sessionId: ID })
  })

  test('that nobody can name is unknown, not empty', async () => {
    writeFileSync(claudeFile(), said('go on'))
    const watch = await watchLines(asker, 'claude', 'go on', place(null))
    expect(await watch.count()).toEqual({ recorded: null, waiting: null, sessionId: null })
  })

  test('of Gemini: every file of a resumed session, because it begins a new one and goes on in the old one', async () => {
    const folder = join(home, '.gemini/tmp/w/chats')
    mkdirSync(folder, { recursive: true })
    const [old, newer] = ['07', '10'].map((at) => join(folder, `session-2026-11-21T09-${at}-${ID.slice(0, 8)}.jsonl`))
    const user = `${JSON.stringify({ type: 'user', content: [{ text: 'go on' }] })}\n`
    const at = (seconds: number): Date => new Date(Date.UTC(2026, 10, 21, 9, 0, seconds))
    writeFileSync(old ?? '', user)
    writeFileSync(newer ?? '', '')
    utimesSync(old ?? '', at(1), at(1))
    utimesSync(newer ?? '', at(2), at(2))
    const find = () => locateTranscript(asker, 'gemini', { sessionId: ID, pid: process.pid, homes: [] })
    expect(await find()).toMatchObject({ is: 'file', path: newer, paths: [old, newer] })
    const watch = await watchLines(asker, 'gemini', 'go on', find)
    expect(await watch.count()).toMatchObject({ recorded: 0 })
    appendFileSync(old ?? '', user)
    expect(await watch.count()).toMatchObject({ recorded: 1 })
    appendFileSync(newer ?? '', user)
    expect(await watch.count()).toMatchObject({ recorded: 2 })
    utimesSync(old ?? '', at(3), at(3))
    utimesSync(newer ?? '', at(2), at(2))
    expect(await find()).toMatchObject({ path: old })
  })

  test('of OpenCode: rows of this folder that came later, blanks aside', async () => {
    const folder = join(home, '.local/share/opencode')
    mkdirSync(folder, { recursive: true })
    const db = new DatabaseSync(join(folder, 'opencode.db'))
    db.exec(`CREATE TABLE session (id TEXT, directory TEXT, parent_id TEXT);
      CREATE TABLE message (id TEXT, session_id TEXT, time_created INTEGER, data TEXT);
      CREATE TABLE part (id TEXT, message_id TEXT, data TEXT);
      INSERT INTO session VALUES ('ses_1', '/w', NULL), ('ses_2', '/other', NULL);`)
    const say = (session: string, at: number, text: string): void => {
      db.prepare('INSERT INTO message VALUES (?, ?, ?, ?)').run(`m${at}`, session, at, '{"role":"user"}')
      db.prepare('INSERT INTO part VALUES (?, ?, ?)').run(`p${at}`, `m${at}`, JSON.stringify({ type: 'text', text }))
    }
    say('ses_1', 100, "it's 'so'")
    const where = {
      place: () => locateTranscript(asker, 'opencode', { sessionId: null, pid: process.pid, homes: [] }),
      cwd: '/w',
      sessionId: null,
    }
    const watch = await watchRows(asker, "it's 'so'", where)
    expect(await watch.count()).toMatchObject({ recorded: 0 })
    say('ses_2', 101, "it's 'so'")
    expect(await watch.count()).toMatchObject({ recorded: 0 })
    say('ses_1', 102, "it's\t'so'")
    expect(await watch.count()).toEqual({ recorded: 1, waiting: null, sessionId: 'ses_1' })
    db.close()
  })
})
