import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { editConfigKey } from '../../src/commands/config-edit.ts'
import { ownConfig } from '../../src/commands/own-config.ts'
import { loadConfig, surroundings } from '../../src/config/index.ts'
import type { FleetPlan } from '../../src/core/plan.ts'
import { answer, queries } from '../../src/queries/index.ts'
import type { Db } from '../../src/store/index.ts'

let dir: string
let file: string
const here = () => ({ ...surroundings(), home: dir })

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'vc-own-config-'))
  file = join(dir, 'vc.toml')
  writeFileSync(file, '[polling]\nmax_connections = 50\n', { mode: 0o600 })
})
afterEach(() => rmSync(dir, { recursive: true }))

const keyOf = (path: string, loaded = loadConfig(file, here())) =>
  ownConfig(loaded, here())
    .sections.flatMap(({ keys }) => keys)
    .find((key) => key.path === path)

test('a key says what is in force, its default and where it stands', () => {
  expect(keyOf('polling.max_connections')).toMatchObject({ now: '50', next: null, line: 2 })
  expect(keyOf('polling.base_tick_local_seconds')).toMatchObject({
    next: null,
    line: null,
    default: expect.any(String),
  })
})

test('an edit is written whole and shows as not in force yet', () => {
  const loaded = loadConfig(file, here())
  const done = editConfigKey(here(), file, 'polling.max_connections', '80')
  expect(done).toMatchObject({ changed: true, file })
  expect(readFileSync(file, 'utf8')).toBe('[polling]\nmax_connections = 80\n')
  expect(readFileSync(`${file}.bak`, 'utf8')).toContain('50')
  expect(keyOf('polling.max_connections', loaded)).toMatchObject({ now: '50', next: '80' })
  expect(editConfigKey(here(), file, 'polling.max_connections', '80').changed).toBe(false)
})

test('what lint refuses is not written, and the error names line and fix', () => {
  expect(() => editConfigKey(here(), file, 'polling.max_connections', 'many')).toThrow(/must be a whole number/)
  expect(() => editConfigKey(here(), file, 'polling.max_conections', '8')).toThrow(/unknown key 'max_conections'/)
  expect(readFileSync(file, 'utf8')).toBe('[polling]\nmax_connections = 50\n')
})

test('a file that broke after it was taken is a problem, not a fault', () => {
  const loaded = loadConfig(file, here())
  writeFileSync(file, '[polling\n')
  expect(ownConfig(loaded, here()).problems).toMatchObject([{ severity: 'error', line: 1 }])
  rmSync(file)
  expect(ownConfig(loaded, here()).problems).toMatchObject([{ severity: 'error', line: null }])
})

test('the topic counts what is not in force yet and hides what is secret', async () => {
  writeFileSync(
    file,
    '[polling]\nmax_connections = 50\n[[collectors.beads_dolt.rigs]]\nname = "r"\ndatabase = "d"\nuser = "https://user:hunter2@example.org/x"\n',
  )
  const loaded = loadConfig(file, here())
  editConfigKey(here(), file, 'polling.max_connections', '80')
  const ctx = { db: {} as Db, now: new Date(), plan: { machines: [] } satisfies FleetPlan }
  const reply = await answer(
    queries,
    { topic: 'config', params: {} },
    { ...ctx, ownConfig: () => ownConfig(loaded, here()) },
  )
  expect(reply.data).toMatchObject({ file, pending: 1 })
  expect(JSON.stringify(reply)).not.toContain('hunter2')
  await expect(answer(queries, { topic: 'config', params: {} }, ctx)).rejects.toMatchObject({ code: 'not_here' })
})
