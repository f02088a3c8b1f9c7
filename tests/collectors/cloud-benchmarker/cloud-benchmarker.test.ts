import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { cloudBenchmarker } from '../../../src/collectors/cloud-benchmarker/index.ts'
import { listOf, parseBench } from '../../../src/collectors/cloud-benchmarker/parse.ts'
import { momentIn, parseZone, zoneOf } from '../../../src/collectors/cloud-benchmarker/zone.ts'
import type { CollectResult } from '../../../src/core/collector.ts'
import { querySqlite } from '../../../src/transport/sqlite.ts'
import { hasProgram } from '../../programs.ts'
import { fixture, rowsOf, type ToolMachine, toolMachine } from '../tool-machine.ts'

const text = (name: string): string => readFileSync(fixture(`cloud_benchmarker/${name}`), 'utf8')
const list = (name: string) => {
  const found = listOf(`${text(name)}\n200`)
  if (typeof found === 'string') throw new Error(found)
  return found
}
const UTC = { zone: { eastMin: 0 }, hosts: new Map([['benchmark_host_1', 'atlas']]) }

describe('the clock of the controller', () => {
  const at = (local: string, zone: string) => momentIn(local, zoneOf(zone) ?? { eastMin: 0 })?.toISOString()
  test.each([
    ['2026-11-20T12:00:41.118230', '+0000', '2026-11-20T12:00:41.118Z'],
    ['2026-11-20 12:00:41.118230', '+0530', '2026-11-20T06:30:41.118Z'],
    ['2026-07-01T12:00:00', 'Europe/Berlin', '2026-07-01T10:00:00.000Z'],
    ['2026-12-01T12:00:00', 'Europe/Berlin', '2026-12-01T11:00:00.000Z'],
    ['2026-03-29T03:30:00', 'Europe/Berlin', '2026-03-29T01:30:00.000Z'],
    ['2026-10-25T02:30:00', 'Europe/Berlin', '2026-10-25T00:30:00.000Z'],
    ['2026-10-25T03:30:00', 'Europe/Berlin', '2026-10-25T02:30:00.000Z'],
  ])('%s at %s', (local, zone, utc) => expect(at(local, zone)).toBe(utc))

  test('no time is no moment', () => {
    for (const wrong of ['2026-02-30T00:00:00', '2026-11-20T12:00:41Z', '', null, 5])
      expect(momentIn(wrong, { eastMin: 0 })).toBeNull()
    expect(parseZone('+0100 Europe/Berlin')).toEqual({ name: 'Europe/Berlin' })
    expect(parseZone('+0100 /etc/own')).toEqual({ eastMin: 60 })
    expect(parseZone('')).toBeNull()
  })
})

describe('rows', () => {
  test('five measurements per host and run; a score with its raw partners', () => {
    const bench = parseBench(list('raw.json'), list('overall.json'), UTC)
    expect(bench.raw).toHaveLength(15)
    expect(bench.raw[0]).toMatchObject({ benchmark_type: 'cpu_events_per_s', value: 3412.55, host_machine_id: 'atlas' })
    expect(bench.overall.map((row) => [row.hostname, row.host_address, row.overall_score])).toEqual([
      ['benchmark_host_1', '203.0.113.21', 76.92],
      ['benchmark_host_2', null, 16.66],
      ['benchmark_host_1', '203.0.113.21', 100],
    ])
    expect(JSON.parse(String(bench.overall[2]?.subscores_json))).toMatchObject({ cpu_events_per_s: 2240.1 })
    expect(bench).toMatchObject({ newest: { raw: 43, overall: 43 }, skipped: 0, unknown: 0 })
  })

  test('new fields are counted, rows without a host skipped', () => {
    expect(parseBench(list('raw-unknown-extra-field.json'), [], UTC)).toMatchObject({ unknown: 2, skipped: 0 })
    expect(parseBench([{ id: 1, datetime: 'now', hostname: 'x' }], [{ a: 1 }], UTC)).toMatchObject({ skipped: 2 })
  })

  test('what is no list says why', () => {
    expect(listOf(`${text('error-500.txt')}\n500`)).toMatch(/^HTTP 500: Internal Server Error/)
    expect(listOf('<html>\n200')).toMatch(/another program/)
    expect(listOf('')).toMatch(/^HTTP \?/)
    expect(listOf('[]\n200')).toEqual([])
  })
})

interface App {
  answers: Record<string, readonly [number, string]>
  readonly asked: string[]
  look(): Promise<CollectResult>
  close(): Promise<void>
}

describe('where it is configured', () => {
  let machine: ToolMachine
  beforeEach(() => {
    machine = toolMachine()
  })
  afterEach(() => machine.close())

  test('nowhere else anything is asked', async () => {
    const run = () => Promise.reject(new Error('asked'))
    expect(await machine.look(cloudBenchmarker, { run })).toEqual({ batches: [] })
  })

  /** The app on a port of its own; `answers` may be changed between looks. */
  const serving = async (story: (app: App) => Promise<void>): Promise<void> => {
    const app = {
      answers: { raw: [200, text('raw.json')], overall: [200, text('overall.json')] },
      asked: [] as string[],
    } as {
      answers: Record<string, readonly [number, string]>
      asked: string[]
    }
    const server = createServer((request, response) => {
      app.asked.push(request.url ?? '')
      const [code, body] = app.answers[request.url?.split('/')[2] ?? ''] ?? [404, '']
      response.writeHead(code).end(body)
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const { port } = server.address() as AddressInfo
    const options = { port, timezone: '+0000', hosts: ['benchmark_host_1=atlas'] }
    const close = () => new Promise<void>((done) => void server.close(() => done()))
    try {
      await story(Object.assign(app, { look: () => machine.look(cloudBenchmarker, { options }), close }))
    } finally {
      if (server.listening) await close()
    }
  }

  test.runIf(hasProgram('curl'))('both lists with their trailing slash, a longer time first', () =>
    serving(async (app) => {
      const first = await app.look()
      expect(first).not.toHaveProperty('fault')
      expect(rowsOf(first, 'cloud_bench_raw')).toHaveLength(15)
      await app.look()
      expect(app.asked).toEqual([
        '/data/raw/?time_period=last_30_days',
        '/data/overall/?time_period=last_30_days',
        '/data/raw/?time_period=last_7_days',
        '/data/overall/?time_period=last_7_days',
      ])
    }),
  )

  test.runIf(hasProgram('curl'))('an app that fails, is another, has no runs yet, or is not running', () =>
    serving(async (app) => {
      app.answers = { raw: [500, 'Internal Server Error'], overall: [200, '[]'] }
      expect(await app.look()).toMatchObject({ fault: 'bad_output', detail: 'raw: HTTP 500: Internal Server Error' })
      app.answers = { raw: [200, '<html>'], overall: [200, '[]'] }
      expect(await app.look()).toMatchObject({ fault: 'bad_output' })
      app.answers = { raw: [200, '[]'], overall: [200, '[]'] }
      expect((await app.look()).fault ?? null).toBeNull()
      await app.close()
      expect(await app.look()).toMatchObject({ fault: 'unreachable' })
    }),
  )

  describe.runIf(hasProgram('sqlite3'))('from its database', () => {
    const sql = (statement: string): void => void execFileSync('sqlite3', [join(machine.home, 'b.sqlite'), statement])
    const look = () =>
      machine.look(cloudBenchmarker, {
        options: { database: join(machine.home, 'b.sqlite'), timezone: '+0100' },
        sqlite: async (path, query) => querySqlite({ path, sql: query }),
      })
    const host = (table: string, columns: string) =>
      `CREATE TABLE ${table} (id INTEGER NOT NULL PRIMARY KEY, datetime DATETIME, hostname VARCHAR, "IP_address" VARCHAR, ${columns}, CONSTRAINT u_${table} UNIQUE (datetime, hostname));`
    const seed = (): void => {
      sql(
        host(
          'raw_benchmark_subscores',
          'cpu_speed_test__events_per_second FLOAT, fileio_test__reads_per_second FLOAT, "memory_speed_test__MiB_transferred" FLOAT, mutex_test__avg_latency FLOAT, threads_test__avg_latency FLOAT',
        ) + host('overall_normalized_score', 'overall_score FLOAT'),
      )
      for (let day = 1; day <= 5; day++)
        sql(`INSERT INTO raw_benchmark_subscores VALUES (NULL,'2026-11-0${day} 12:00:00.500000','h','UNKNOWN',100,2,3,4,${day === 2 ? 'NULL' : 5});
             INSERT INTO overall_normalized_score VALUES (NULL,'2026-11-0${day} 12:00:00.500000','h','UNKNOWN',100)`)
    }

    test('all of it, then what is new and the last day again; NULL measures nothing', async () => {
      seed()
      const first = await look()
      expect(first).not.toHaveProperty('fault')
      expect(rowsOf(first, 'cloud_bench_raw')).toHaveLength(24)
      expect(rowsOf(first, 'cloud_bench_raw')[0]).toMatchObject({ ts: new Date('2026-11-01T11:00:00.500Z') })
      sql("UPDATE raw_benchmark_subscores SET cpu_speed_test__events_per_second = 90 WHERE datetime LIKE '2026-11-05%'")
      const second = await look()
      expect(
        rowsOf(second, 'cloud_bench_raw').filter((row) => row.benchmark_type === 'cpu_events_per_s'),
      ).toMatchObject([{ value: 100 }, { value: 90 }])
    })

    test('a new database is read from its beginning', async () => {
      seed()
      await look()
      sql('DELETE FROM raw_benchmark_subscores WHERE id > 1; DELETE FROM overall_normalized_score WHERE id > 1')
      await look()
      expect(machine.warnings).toContain('bench_restarted')
      expect(rowsOf(await look(), 'cloud_bench_overall')).toHaveLength(1)
    })

    test('no file, no such table', async () => {
      seed()
      sql('DROP TABLE overall_normalized_score')
      expect(await look()).toMatchObject({ fault: 'exit_code' })
      const sqlite = async () => ({ is: 'missing' as const })
      expect(await machine.look(cloudBenchmarker, { options: { database: '/nowhere' }, sqlite })).toMatchObject({
        fault: 'not_configured',
      })
    })
  })
})
