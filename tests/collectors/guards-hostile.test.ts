import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FRESH_MAIL, parseMail } from '../../src/collectors/agent-mail/parse.ts'
import { type DcgState, FRESH_DCG, parseDcg } from '../../src/collectors/dcg/parse.ts'
import { parsePt, snapshotRow } from '../../src/collectors/pt/parse.ts'
import { FRESH_RANO, parseRano } from '../../src/collectors/rano/parse.ts'
import { parseSysmoni } from '../../src/collectors/sysmoni/parse.ts'
import type { RowBatch } from '../../src/core/rows.ts'
import { admitRun } from '../../src/store/admit.ts'
import { scrapeRun } from '../scrape-run.ts'
import { suiteStore, tempStore } from '../store/support.ts'

const opened = suiteStore(tempStore)

const ODD = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    '',
    '0',
    '-1',
    '9'.repeat(19),
    '9'.repeat(40),
    1e300,
    -1,
    2 ** 53,
    2 ** 31,
    0.5,
    [],
    {},
  ),
  fc.constantFrom<unknown>(
    '2026-11-20T21:00:00Z',
    '2026-11-20 21:00:00.123456',
    '1795190400000000',
    'yesterday',
    '\u0000\u001b[31m',
    '0001-01-01 00:00',
  ),
  fc.string(),
  fc.double(),
  fc.integer(),
)

/** Objects with these keys, each an odd value. */
const odd = (keys: string) => fc.record(Object.fromEntries(keys.split(' ').map((key) => [key, ODD])))

const admits = async (collector: string, batches: readonly RowBatch[]): Promise<void> => {
  const run = scrapeRun({ machineId: 'm', collector, batches })
  expect((await admitRun(opened().catalog, run, true)).blocks.length).toBeGreaterThanOrEqual(0)
}

const about = { path: '/x.db', columns: [], at: new Date(0), rows: 200 }
const kindsOf = (kinds: Record<string, Record<string, unknown>[]>) => new Map(Object.entries(kinds))

test('whatever a mailbox holds, its rows fit the tables', async () => {
  const message = odd('id project path thread sender importance ack created subject bytes body recipients')
  const recipient = odd('id created project name kind importance ack read acked retired')
  const reservation = odd('id project path pattern holder exclusive reason created expires')
  await fc.assert(
    fc.asyncProperty(fc.array(message), fc.array(recipient), fc.array(reservation), ODD, async (m, r, f, marks) => {
      const kinds = kindsOf({ head: [{ max_id: marks, marks: [marks] }], message: m, recipient: r, reservation: f })
      await admits('agent_mail', parseMail(kinds, FRESH_MAIL, true, about).batches)
    }),
  )
})

test('whatever a history of refused commands or connections holds, its rows fit the tables', async () => {
  const event = odd('id ts outcome rule pack pattern severity cwd agent layer hash eval_us chars lines program')
  const connection = odd(
    'id ts run event provider pid comm proto local_port remote_ip remote_port private domain duration_ms alert',
  )
  const session = odd('run provider first last connects closes destinations alerts avg_ms')
  await fc.assert(
    fc.asyncProperty(fc.array(event), fc.array(connection), fc.array(session), ODD, async (e, c, s, max_id) => {
      const head = [{ max_id, version: max_id }]
      const state: DcgState = FRESH_DCG
      await admits('dcg', parseDcg(kindsOf({ head, event: e }), state, about).batches)
      await admits('rano', parseRano(kindsOf({ head, event: c, session: s }), FRESH_RANO, about).batches)
    }),
  )
})

test('whatever process triage and sysmoni print, their rows fit the tables', async () => {
  const finding = odd('pid classification confidence severity command')
  const process = odd('Nice CPU Memory Command FDCount ReadKBs WriteKBs')
  const sample = fc.record({
    CPU: odd('Total PerCore Load1 Load5 Load15'),
    Memory: odd('UsedBytes TotalBytes SwapUsed SwapTotal'),
    IO: odd('DiskReadMBs DiskWriteMBs NetRxMbps NetTxMbps'),
    Inotify: odd('MaxUserWatches MaxUserInstances'),
    Temps: fc.array(odd('Temp')),
    GPUs: fc.array(odd('Util')),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(finding), fc.array(process), sample, async (findings, processes, rest) => {
      const lines = findings.map((one) => JSON.stringify({ event: 'candidate_detected', ...one }))
      const look = parsePt([...lines, 'rc\t0', 'end', ''].join('\n'))
      await admits('pt', [
        { table: 'process_triage_findings', rows: look.findings },
        { table: 'process_triage_snapshots', rows: [snapshotRow(look.findings, 'medium')] },
      ])
      const stats = processes.map((_, i) => `proc\t${i + 1} (x) S ${'0 '.repeat(18)}77 0`)
      const data = JSON.stringify({ Timestamp: 't', ...rest, Top: processes.map((one, i) => ({ ...one, PID: i + 1 })) })
      const sysmoni = parseSysmoni(['kind\tstream', ...stats, 'data', data, 'end', ''].join('\n'))
      if (sysmoni.schema === null) throw new Error(sysmoni.detail)
      expect(sysmoni.processes).toHaveLength(processes.length)
      await admits('sysmoni', [
        { table: 'sys_samples', rows: [sysmoni.sample] },
        { table: 'sys_top_processes', rows: sysmoni.processes },
      ])
    }),
  )
})
