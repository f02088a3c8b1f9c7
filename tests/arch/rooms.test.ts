import { globSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
const BELOW_APP = ['core', 'store', 'transport', 'engine', 'config', 'collectors', 'oracle', 'guardian']
const FACE = ['core', 'queries', 'commands']

/** Room to the rooms it may know. Arrows point down, never sideways. */
const MAY_KNOW: Record<string, readonly string[]> = {
  core: [],
  store: ['core'],
  transport: ['core'],
  engine: ['core', 'transport'],
  config: ['core'],
  collectors: ['core'],
  oracle: ['core'],
  guardian: ['core'],
  queries: ['core', 'store', 'oracle', 'guardian'],
  commands: [...BELOW_APP, 'queries'],
  daemon: [...BELOW_APP, 'queries', 'commands'],
  robot: FACE,
  tui: FACE,
  web: FACE,
  mcp: FACE,
  cli: [...FACE, 'config'],
}

/** Package to the rooms that may import it, with the port to use elsewhere. */
const KEYS: Record<string, { rooms: readonly string[]; instead: string }> = {
  'node:child_process': { rooms: ['transport'], instead: 'ask through an Executor (core/executor.ts)' },
  'node:worker_threads': { rooms: ['transport'], instead: 'use ctx.work or the worker pool port' },
  execa: { rooms: ['transport'], instead: 'ask through an Executor (core/executor.ts)' },
  ssh2: { rooms: ['transport'], instead: 'ask through an Executor (core/executor.ts)' },
  'node-ssh': { rooms: ['transport'], instead: 'ask through an Executor (core/executor.ts)' },
  mysql2: { rooms: ['transport'], instead: 'use the sql port of transport' },
  '@duckdb/node-api': { rooms: ['store'], instead: 'call a named read of src/store/read' },
  'node-pty': { rooms: ['engine'], instead: 'use SessionHost' },
  blessed: { rooms: ['tui'], instead: 'keep screens in src/tui/ui' },
  hono: { rooms: ['web'], instead: 'add a query; routes follow from it' },
  '@hono/node-server': { rooms: ['web'], instead: 'add a query; routes follow from it' },
}

/** Domain rooms are pure: no disk, no network, no clock of their own. */
const PURE = ['core', 'collectors', 'oracle', 'guardian']
const IMPURE_MODULES = /^node:(fs|fs\/promises|net|http|https|dns|os|process|timers.*)$/

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s[^'"]*?from\s+['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)import\s+['"]([^'"]+)['"]/g

interface Arrow {
  readonly file: string
  readonly room: string
  readonly to: string
}

const arrows: Arrow[] = globSync('src/**/*.ts', { cwd: ROOT }).flatMap((file) => {
  const room = file.split('/')[1] ?? ''
  const text = readFileSync(join(ROOT, file), 'utf8')
  return [...text.matchAll(IMPORT)].map((match) => ({ file, room, to: match[1] ?? match[2] ?? match[3] ?? '' }))
})

const roomOf = (arrow: Arrow): string | null => {
  if (!arrow.to.startsWith('.')) return null
  const target = relative(join(ROOT, 'src'), join(ROOT, arrow.file, '..', arrow.to))
  return target.includes('/') ? (target.split('/')[0] ?? null) : null
}

const inRoom = arrows.filter((arrow) => arrow.room !== '' && !arrow.room.endsWith('.ts'))

describe('the house plan', () => {
  test('every room is on the plan', () => {
    const rooms = new Set(inRoom.map((arrow) => arrow.room))
    expect([...rooms].filter((room) => !(room in MAY_KNOW))).toEqual([])
  })

  test('arrows point down', () => {
    const wrong = inRoom.flatMap((arrow) => {
      const room = roomOf(arrow)
      if (!room || room === arrow.room || room === '..' || (MAY_KNOW[arrow.room] ?? []).includes(room)) return []
      return [
        `${arrow.file} imports ${room}/ — ${arrow.room}/ may know: ${MAY_KNOW[arrow.room]?.join(', ') || 'nobody'}. Move the shared part to core/, or pass it in.`,
      ]
    })
    expect(wrong).toEqual([])
  })

  test('each package has its room', () => {
    const wrong = inRoom.flatMap((arrow) => {
      const name = arrow.to.startsWith('@')
        ? arrow.to.split('/').slice(0, 2).join('/')
        : arrow.to.startsWith('node:')
          ? arrow.to
          : (arrow.to.split('/')[0] ?? '')
      const key = KEYS[name]
      return key && !key.rooms.includes(arrow.room)
        ? [`${arrow.file} imports ${name}; only ${key.rooms.join(', ')}/ may. Instead: ${key.instead}.`]
        : []
    })
    expect(wrong).toEqual([])
  })

  test('domain rooms stay pure', () => {
    const wrong = inRoom.filter((arrow) => PURE.includes(arrow.room) && IMPURE_MODULES.test(arrow.to))
    expect(
      wrong.map((arrow) => `${arrow.file} imports ${arrow.to}; ask through ctx or take it as an argument.`),
    ).toEqual([])
  })

  test('only main.ts and its parts stand beside the rooms', () => {
    expect(globSync('src/*.ts', { cwd: ROOT }).filter((file) => !/^src\/main(-[a-z]+)?\.ts$/.test(file))).toEqual([])
  })

  test('SQL lives in the store', () => {
    const wrong = globSync('src/**/*.ts', { cwd: ROOT }).filter((file) => {
      if (file.startsWith('src/store/')) return false
      const text = readFileSync(join(ROOT, file), 'utf8')
      return /\b(SELECT\s[\s\S]{0,400}?\sFROM|INSERT INTO|MERGE INTO|DELETE FROM)\s+(agent_|latest_|sys_|machines|scrapes|cursors|repos|alerts|pty_|usage_)/.test(
        text,
      )
    })
    expect(wrong.map((file) => `${file} holds SQL on vc's tables; write a named read in src/store/read/.`)).toEqual([])
  })

  test('only the Doer asks the gate', () => {
    const wrong = arrows.filter(
      ({ file, to }) => /(^|\/)guardian\/gate\.ts$|^\.\/gate\.ts$/.test(to) && file !== 'src/commands/doer.ts',
    )
    expect(wrong.map(({ file }) => `${file} imports the gate; hand your deed to the Doer (commands/doer.ts).`)).toEqual(
      [],
    )
  })

  test('nothing points outside the checkout', () => {
    const files = globSync('{src,tests,bench,scripts,docs,bin}/**/*.{ts,mjs,js,sh,md,json,toml}', {
      cwd: ROOT,
      exclude: ['tests/arch/**'],
    })
    const wrong = files.filter((file) =>
      /\.\.\/shared\/(design|contracts|fleet|agents|seeds)|\/work\/(main|shared)/.test(
        readFileSync(join(ROOT, file), 'utf8'),
      ),
    )
    expect(wrong).toEqual([])
  })
})
