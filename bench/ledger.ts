import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { atMost, type Bench, type Figure } from './bench.ts'
import { type Corpus, writeCorpus } from './corpus/index.ts'
import { installCcusage, runCcusage } from './ledger/ccusage.ts'
import { openUser } from './ledger/collect.ts'
import { differences } from './ledger/totals.ts'
import { explainByTraps } from './ledger/traps.ts'
import { type Installed, installBuilt } from './measure/installed.ts'
import { median } from './measure/interleaved.ts'

// A first look is `vc collect`: the scan alone is started as that is.
const oneLook = createRequire(import.meta.url)('../bin/one-look.js') as { readonly FLAGS: readonly string[] }
const TEXT = { encoding: 'utf8' } as const
const SEED = 7
const APPENDED_BYTES = 1024 * 1024

interface Stage {
  readonly vc: Installed
  readonly home: string
  readonly corpus: Corpus
  readonly ccusage: string | null
  readonly scan: string
}

const ms = (value: number): string => `${value.toFixed(0)} ms`

// A history lies still but for the session that grows; this one was written just now, and is watched when it is a minute old.
const STILL_MS = 62_000

// Below this the start of the process is most of the time, and a ratio says nothing about reading transcripts.
const JUDGED_MEGABYTES = 512

const besideCcusage = (what: string, own: number, other: number | null, limit: number, judged: boolean): Figure =>
  other === null || !judged
    ? {
        what,
        figure: ms(own),
        baseline: other === null ? 'ccusage is not installable here' : `ccusage ${ms(other)}`,
        ratio: other === null ? null : own / other,
        target: `<= ${limit} x`,
        ok: null,
      }
    : atMost({
        what,
        figure: ms(own),
        baseline: `ccusage ${ms(other)}`,
        ratio: own / other,
        ...{ value: own / other, limit, unit: ' x' },
      })

interface Tick {
  readonly ms: number
  readonly appended: number
  readonly read: number
}

/** What the scanner says of itself; the start of its process is left out, as a daemon has it behind it. */
interface Grown {
  readonly ms: number
  readonly ticks: readonly Tick[]
  /** Of a session that grew by a line each time. */
  readonly byLine: readonly Tick[]
}

const readBeyond = (ticks: readonly Tick[]): number => Math.max(...ticks.map(({ appended, read }) => read - appended))

interface Times {
  readonly scan: number[]
  readonly collect: number[]
  readonly ended: number[]
  readonly ccusage: number[]
}

// Interleaved: what loads the machine loads all three alike.
const race = async (stage: Stage, user: ReturnType<typeof openUser>, runs: number): Promise<Times> => {
  const times: Times = { scan: [], collect: [], ended: [], ccusage: [] }
  for (let run = 0; run < runs; run += 1) {
    times.scan.push(
      (JSON.parse(execFileSync(process.execPath, [...oneLook.FLAGS, stage.scan, stage.home], TEXT)) as Grown).ms,
    )
    if (stage.ccusage !== null) times.ccusage.push(runCcusage(stage.ccusage, stage.home).ms)
    user.forget()
    const { toldMs, endedMs } = await user.collect()
    times.collect.push(toldMs)
    times.ended.push(endedMs)
  }
  return times
}

const exactness = (stage: Stage, user: ReturnType<typeof openUser>): readonly Figure[] =>
  (['session', 'model'] as const).map((by) => {
    const wrong = differences([stage.corpus.claude, stage.corpus.codex], by, user.usage(by))
    return {
      what: `totals of every ${by} equal the truth`,
      figure: wrong.length === 0 ? 'exactly' : `${wrong.length} differ: ${wrong[0]}`,
      ...{ baseline: '', ratio: null, target: 'exactly', ok: wrong.length === 0 },
    }
  })

// In one process after its backfill, as the daemon does it: threads are warm, the store is left out on both sides.
const appendTick = (stage: Stage, runs: number, judged: boolean): readonly Figure[] => {
  const args = [stage.scan, stage.home, String(runs), String(APPENDED_BYTES)]
  const { ms: firstMs, ticks, byLine } = JSON.parse(execFileSync(process.execPath, args, TEXT)) as Grown
  const tickMs = median(ticks.map((tick) => tick.ms))
  const [over, overLine] = [readBeyond(ticks), readBeyond(byLine)]
  return [
    {
      what: '1 MB appended, next tick of the collector',
      figure: ms(tickMs),
      baseline: `backfill ${ms(firstMs)}`,
      ratio: tickMs / firstMs,
      target: '<= 2 %',
      ok: judged ? tickMs / firstMs <= 0.02 : null,
    },
    atMost({
      what: 'bytes read beyond those appended',
      figure: `${over} bytes`,
      ...{ baseline: `${APPENDED_BYTES} appended`, ratio: null, value: over, limit: 4096, unit: ' bytes (one line)' },
    }),
    atMost({
      what: `bytes read beyond one appended line (${ms(median(byLine.map((tick) => tick.ms)))} a tick)`,
      figure: `${overLine} bytes`,
      ...{
        baseline: `${byLine[0]?.appended ?? 0} appended`,
        ratio: null,
        value: overLine,
        limit: 4096,
        unit: ' bytes',
      },
    }),
  ]
}

/** All figures of the ledger over a seeded corpus of so many megabytes; medians of `runs` interleaved runs. */
export const ledgerBench = async (size: {
  readonly megabytes: number
  readonly runs: number
}): Promise<readonly Figure[]> => {
  const scratch = mkdtempSync(join(tmpdir(), 'vc-bench-ledger-'))
  const home = join(scratch, 'home')
  const vc = installBuilt(['ledger/scan.ts'])
  try {
    const corpus = writeCorpus(SEED, { home, bytes: size.megabytes * 1024 * 1024, rare: false })
    const writtenAt = performance.now()
    const stage: Stage = {
      vc,
      home,
      corpus,
      ccusage: installCcusage(join(scratch, 'ccusage')),
      scan: vc.program('scan'),
    }
    const user = openUser(vc, home, 'ledger')
    const judged = size.megabytes >= JUDGED_MEGABYTES
    if (judged) await setTimeout(Math.max(0, writtenAt + STILL_MS - performance.now()))
    const times = await race(stage, user, size.runs)
    const other = stage.ccusage === null ? null : median(times.ccusage)
    const load = loadavg()[0]?.toFixed(1) ?? ''
    const name = `${size.megabytes} MB, load ${load}`
    return [
      besideCcusage(`scan + parse + price + dedup (${name})`, median(times.scan), other, 0.6, judged),
      besideCcusage(`whole vc collect until committed (${name})`, median(times.collect), other, 1.2, judged),
      {
        ...besideCcusage(`the same, until its process ended (${name})`, median(times.ended), other, 0, false),
        target: '',
      },
      ...exactness(stage, user),
      // Threads of a daemon are warm; the first ticks are not.
      ...appendTick(stage, 3 * size.runs, judged),
      ...(stage.ccusage === null ? [] : explainByTraps(SEED, stage.ccusage)),
    ]
  } finally {
    vc.remove()
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** Tokens and money: speed beside the native ccusage on the same files, and exactness. */
export const ledger: Bench = {
  name: 'ledger',
  about: 'a seeded Claude + Codex corpus: scan and whole collect beside native ccusage, exact totals, a tick of 1 MB',
  // A single look takes a tenth more or less than the next on the same machine: medians of five differed by as much.
  run: ({ full }) => ledgerBench(full ? { megabytes: 1024, runs: 11 } : { megabytes: 48, runs: 3 }),
}
