import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { editConfigKey } from '../../src/commands/config-edit.ts'
import { ownConfig } from '../../src/commands/own-config.ts'
import { loadConfig, surroundings } from '../../src/config/index.ts'
import type { VcError } from '../../src/core/errors.ts'
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

const refused = (key: string, value: string | null): readonly (string | number)[] => {
  try {
    editConfigKey(here(), file, key, value)
  } catch (error) {
    const { message, fix, exitCode } = error as VcError
    return [message, fix, exitCode]
  }
  return []
}

test('what lint refuses is not written, and the error tells of the argument, which stands in no line', () => {
  expect(refused('polling.max_connections', 'many')).toEqual([
    'nothing was written: polling.max_connections must be a whole number from 1 to 10000, not "many"',
    'for example: vc config set polling.max_connections 1000',
    2,
  ])
  expect(refused('store.low_resource', 'yes')).toEqual([
    'nothing was written: store.low_resource must be true or false, not "yes"',
    'write it as: vc config set store.low_resource true',
    2,
  ])
  expect(refused('collectors.claude.homes', '/srv/agents')[1]).toBe(
    `write it as: vc config set collectors.claude.homes '["/srv/agents"]'`,
  )
  expect(refused('polling.max_conections', '8')).toEqual([
    "nothing was written: unknown key 'max_conections' in [polling]",
    "did you mean 'max_connections'?",
    2,
  ])
  expect(readFileSync(file, 'utf8')).toBe('[polling]\nmax_connections = 50\n')
})

test('what is wrong in the file already is told by its line, and an edit may mend it', () => {
  writeFileSync(file, '[polling]\nmax_connections = "all"\n', { mode: 0o600 })
  expect(refused('store.backup_keep', '3')[0]).toMatch(/vc\.toml:2: polling\.max_connections must be/)
  expect(editConfigKey(here(), file, 'polling.max_connections', '80').changed).toBe(true)
})

test('a key that does not exist is not taken out as if it had been there; one without its section is offered with it', () => {
  expect(refused('polling.nope', null)).toEqual(["vc.toml has no key 'polling.nope'", expect.any(String), 2])
  expect(editConfigKey(here(), file, 'polling.retry_min_seconds', null).changed).toBe(false)
  expect(refused('max_connections', '3')[1]).toBe("did you mean 'polling.max_connections'?")
  expect(refused('nope', '3')[1]).toContain('write section.key')
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
