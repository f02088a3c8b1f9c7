import type { Job, JobIo } from '../../core/job.ts'
import { createPricer, parsePriceOverrides } from '../prices/index.ts'
import { type AsJson, asJson } from './as-json.ts'
import { FactLedger } from './fact-ledger.ts'
import { type HomeOptions, type Listing, listFiles } from './homes.ts'
import { MOST_TOKENS, priceOf, totalTokens } from './ledger.ts'
import { type FactColumns, factsOf, packFacts, priceColumns } from './pack.ts'
import { pickKeys } from './pick-keys.ts'
import type { FileTask } from './plan.ts'
import type { AccountFact, KnownAccount, ScanOutcome, Sink, TranscriptSource, UsageFact } from './source.ts'
import { type TailOptions, tailFile } from './tail.ts'
import { UsageRows } from './usage-rows.ts'

export interface ListPayload extends HomeOptions {
  readonly do: 'list'
}

export interface ScanPayload {
  readonly do: 'scan'
  readonly tasks: readonly FileTask[]
  /** Account by config home; a file belongs to the home its path begins with. */
  readonly accounts: readonly { readonly home: string; readonly account: KnownAccount }[]
  /** Config homes besides the machine's usual one. */
  readonly elsewhere: readonly string[]
  readonly machineId: string
  readonly nowMs: number
  /** `[prices]` of vc.toml as parsed TOML, or null. */
  readonly prices: unknown
}

export interface CompanionPayload {
  readonly do: 'companion'
  readonly path: string
}

export type ScanJobPayload = ListPayload | ScanPayload | CompanionPayload

// Older sessions are over: their newest records say nothing about the present.
export const EVIDENCE_MS = 48 * 3_600_000
const MAX_COMPANION_BYTES = 64 * 1024 * 1024

/** A scan's outcome on its way between threads. */
export type PackedOutcome = Omit<ScanOutcome, 'usage' | 'files'> & {
  /** A message may stand in several of them. */
  readonly usage: readonly FactColumns[]
  readonly files: AsJson<ScanOutcome['files']>
}

/** The `run` of a source's job module: lists, scans or picks the companion's keys, in a worker. */
export const scanJob =
  (source: TranscriptSource): Job<ScanJobPayload, AsJson<Listing> | PackedOutcome | Record<string, unknown> | null> =>
  async (payload, io) => {
    if (payload.do === 'list') return asJson(listFiles(io, source, payload))
    if (payload.do === 'companion') return readCompanion(io, source, payload.path)
    return scanFiles(io, source, payload)
  }

/** Collects facts in memory: the same message once, troubles by kind. */
export class FactSink implements Sink {
  readonly ledger = new FactLedger()
  readonly rows = new UsageRows()
  readonly accounts: AccountFact[] = []
  readonly troubles: Record<string, number> = {}

  usage(fact: UsageFact): void {
    if (totalTokens(fact) > MOST_TOKENS) this.trouble('tokens_implausible')
    else this.ledger.add(fact)
  }

  /** Each message once, as facts. */
  facts(): readonly UsageFact[] {
    const all = new FactLedger()
    for (const fact of this.ledger.values()) all.add(fact)
    for (const fact of this.rows.pages().flatMap(factsOf)) all.add(fact)
    return all.values()
  }

  account(fact: AccountFact): void {
    this.accounts.push(fact)
  }

  trouble(kind: string): void {
    this.troubles[kind] = (this.troubles[kind] ?? 0) + 1
  }
}

const scanFiles = async (io: JobIo, source: TranscriptSource, payload: ScanPayload): Promise<PackedOutcome> => {
  const sink = new FactSink()
  const files: ScanOutcome['files'][number][] = []
  let bytesRead = 0
  for (const task of payload.tasks) {
    const tailed = await tailFile(io, source, task, sink, optionsFor(task, payload))
    if (tailed === null) continue
    bytesRead += tailed.bytesRead
    files.push({ path: task.entry.path, cursor: tailed.cursor })
  }
  const pricer = createPricer({ overrides: parsePriceOverrides(payload.prices) })
  const pages = sink.rows.pages().map((page) => priceColumns(page, pricer))
  const usage = packFacts(sink.ledger.values(), (fact) => priceOf(fact, pricer))
  return {
    usage: [usage, ...pages],
    accounts: sink.accounts,
    files: asJson(files),
    prices: pricer.pricesUsed(new Date(payload.nowMs)),
    bytesRead,
    trouble: sink.troubles,
  }
}

const optionsFor = (task: FileTask, payload: ScanPayload): TailOptions => ({
  machineId: payload.machineId,
  account: payload.accounts.find(({ home }) => task.entry.path.startsWith(`${home}/`))?.account ?? null,
  elsewhere: payload.elsewhere.find((home) => task.entry.path.startsWith(`${home}/`)) ?? null,
  evidenceSinceMs: payload.nowMs - EVIDENCE_MS,
})

const readCompanion = (io: JobIo, source: TranscriptSource, path: string): Record<string, unknown> | null => {
  const file = io.open(path)
  if ('refused' in file) return null
  try {
    if (file.size > MAX_COMPANION_BYTES) return null
    const bytes = Buffer.alloc(file.size)
    return pickKeys(bytes.subarray(0, file.read(bytes, 0)), source.companion?.keys ?? [])
  } finally {
    file.close()
  }
}
