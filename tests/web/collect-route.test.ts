// The door for a look now, over a real socket: lines as they come, and every way in which they may end.
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lookBeside } from '../../src/commands/look-beside.ts'
import { VcError } from '../../src/core/errors.ts'
import { silentLog } from '../../src/core/log.ts'
import type { LookLine, ToldRun } from '../../src/core/looked.ts'
import type { Fleet } from '../../src/daemon/fleet.ts'
import { type LookDoorPorts, openLookDoor } from '../../src/daemon/look-door.ts'
import { createApp } from '../../src/web/app.ts'
import { serveSocket } from '../../src/web/socket-server.ts'
import { runOf, STORED } from '../cli/fake-cockpit.ts'

let dir = ''
let leave: () => Promise<void> = async () => undefined
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'vc-look-'))
})
afterEach(async () => {
  await leave()
  rmSync(dir, { recursive: true, force: true })
})

const places = () => ({ socketFile: join(dir, 'vc.sock'), dataDir: dir })
const ALL = { machines: [], collectors: [] }

const STAYS = { settled: async () => undefined }

const serving = async (
  collectNow: Fleet['collectNow'],
  later: Pick<LookDoorPorts, 'settled'> & { next?: Fleet } = STAYS,
) => {
  const judged: string[] = []
  const first = { collectNow } as Fleet
  const door = openLookDoor({
    fleet: () => later.next ?? first,
    settled: later.settled,
    machineIds: () => ['atlas', 'borg'],
    collectorNames: ['probe', 'git'],
    judge: async () => void judged.push('judged'),
  })
  const ask = async () => Promise.reject(new Error('nobody asks'))
  const app = createApp({ version: '9', startedAt: new Date(), ask, robot: ask, collect: door.wish, log: silentLog })
  const server = await serveSocket(app, places().socketFile)
  leave = () => server.close()
  return { judged, door, server }
}

const look = async (wish: Partial<typeof ALL> = {}, signal?: AbortSignal) => {
  const runs: ToldRun[] = []
  const progress: number[] = []
  const end = await lookBeside(
    places(),
    { ...ALL, ...wish },
    {
      onRun: (run) => runs.push(run),
      onProgress: ({ done }) => progress.push(done),
      ...(signal ? { signal } : {}),
    },
  ).catch((error: unknown) => error)
  return { runs, progress, end }
}

test('runs come one by one, what was left out comes last, and by then it is judged', async () => {
  const out = { machine: 'borg', collector: null, why: 'disabled', detail: 'off', fix: 'on' } as const
  const { judged, door } = await serving(async ({ machines, collectors, onRun }) => {
    expect([machines, collectors]).toEqual([new Set(['atlas']), undefined])
    door.progress('atlas', 'claude', 1, 10)
    door.progress('borg', 'claude', 2, 10)
    onRun?.(runOf('atlas', 'probe'), STORED, false)
    onRun?.(runOf('atlas', 'git', { up: false, fault: 'timeout' }), STORED, true)
    return [out]
  })
  const { runs, progress, end } = await look({ machines: ['atlas'] as never[] })
  expect(runs).toMatchObject([
    { machine: 'atlas', collector: 'probe', up: true, rows: 1, was_running: false, stored: { new: 1, known: 0 } },
    { machine: 'atlas', collector: 'git', up: false, fault: 'timeout', was_running: true },
  ])
  expect([end, progress, judged]).toEqual([[out], [1], ['judged']])
})

test.each([
  [{ machines: ['atals'] }, { code: 'unknown_machine', fix: "did you mean 'atlas'?", exitCode: 2 }],
  [{ collectors: ['prob'] }, { code: 'unknown_collector', exitCode: 2 }],
  [{ machines: 'atlas' }, { code: 'bad_look', exitCode: 2 }],
  [{ machines: [7] }, { code: 'bad_look', exitCode: 2 }],
])('%j is refused before anything is looked at', async (wish, error) => {
  await serving(() => expect.unreachable())
  expect((await look(wish as never)).end).toMatchObject(error)
})

const CUT = { up: false, fault: 'cancelled', detail: 'vc was asked to stop' } as const

test('a configuration that is taken in the middle of a look cuts nothing off: the next fleet looks at what is left', async () => {
  const wishes: unknown[] = []
  const collectNow: Fleet['collectNow'] = async ({ machines, collectors, onRun }) => {
    wishes.push([machines, collectors])
    for (const name of ['atlas', 'borg']) for (const one of ['probe', 'git']) onRun?.(runOf(name, one), STORED, true)
    return []
  }
  const later: NonNullable<Parameters<typeof serving>[1]> = {
    settled: async () => {
      later.next = { collectNow } as Fleet
    },
  }
  const { judged } = await serving(async ({ onRun }) => {
    onRun?.(runOf('atlas', 'probe'), STORED, false)
    onRun?.(runOf('atlas', 'git', CUT), STORED, false)
    onRun?.(runOf('borg', 'git', CUT), STORED, false)
    onRun?.(runOf('gone', 'git', CUT), STORED, false)
    return []
  }, later)
  const { runs, end } = await look()
  expect(runs.map(({ machine, collector, up }) => [machine, collector, up])).toEqual([
    ['atlas', 'probe', true],
    ['atlas', 'git', true],
    ['borg', 'git', true],
    ['gone', 'git', false],
  ])
  expect(wishes).toEqual([[new Set(['atlas', 'borg', 'gone']), new Set(['git'])]])
  expect([end, judged]).toEqual([[], ['judged']])
})

test('runs that end because vc stops say so, and are not begun again', async () => {
  await serving(async ({ onRun }) => {
    onRun?.(runOf('atlas', 'git', CUT), STORED, false)
    return []
  })
  expect((await look()).runs).toMatchObject([{ collector: 'git', fault: 'cancelled' }])
})

test('an error in the middle is that error, after what was seen', async () => {
  await serving(async ({ onRun }) => {
    onRun?.(runOf('atlas', 'probe'), STORED, false)
    throw new VcError('stopping', 'vc is stopping', 'start it again')
  })
  const { runs, end } = await look()
  expect([runs.length, end]).toEqual([1, expect.objectContaining({ code: 'stopping', exitCode: 1 })])
})

test('who hangs up leaves the look to itself, and knows that it goes on', async () => {
  const over = Promise.withResolvers<void>()
  const { judged } = await serving(async ({ onRun }) => {
    onRun?.(runOf('atlas', 'probe'), STORED, false)
    await over.promise
    onRun?.(runOf('atlas', 'git'), STORED, false)
    return []
  })
  const leaving = new AbortController()
  const asked = look({}, leaving.signal)
  setTimeout(() => leaving.abort(), 50)
  expect((await asked).end).toMatchObject({ code: 'look_left', exitCode: 5 })
  over.resolve()
  await expect.poll(() => judged).toEqual(['judged'])
})

test('a daemon that goes away in the middle: the end is unknown', async () => {
  const { server } = await serving(async ({ onRun }) => {
    onRun?.(runOf('atlas', 'probe'), STORED, false)
    return new Promise(() => undefined)
  })
  const asked = look()
  setTimeout(() => void server.close(), 50)
  leave = async () => undefined
  expect(await asked).toMatchObject({ runs: [{ collector: 'probe' }], end: { code: 'daemon_lost', exitCode: 5 } })
})

test('no more than eight wait at once; when one is done there is room again', async () => {
  const over = Promise.withResolvers<void>()
  await serving(async () => {
    await over.promise
    return []
  })
  const eight = Array.from({ length: 8 }, () => look())
  await new Promise((done) => setTimeout(done, 100))
  expect((await look()).end).toMatchObject({ code: 'too_many_looks', exitCode: 4 })
  over.resolve()
  expect((await Promise.all(eight)).map(({ end }) => end)).toEqual(Array(8).fill([]))
  expect((await look()).end).toEqual([])
})

const replying = async (lines: readonly LookLine[]) => {
  const server = createServer((_req, res) => {
    for (const line of lines) res.write(`${JSON.stringify(line)}\n`)
  })
  await new Promise<void>((resolve) => server.listen(places().socketFile, resolve))
  leave = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

test.each<[string, readonly LookLine[], object]>([
  ['before it began: it timed out', [], { code: 'daemon_silent', exitCode: 124 }],
  ['after it began: the end is unknown', [{ waiting: true }], { code: 'daemon_silent', exitCode: 5 }],
])('a daemon that falls silent %s', async (_what, lines, error) => {
  await replying(lines)
  await expect(lookBeside(places(), ALL, { onRun: () => undefined }, 200)).rejects.toMatchObject(error)
})

test('no daemon at all: null, and nothing was begun', async () => expect((await look()).end).toBeNull())
