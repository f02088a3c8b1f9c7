import { messageOf } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import { K } from '../core/log.ts'
import { redact } from '../core/redact.ts'
import { type AppendOutcome, rowCount, type ScrapeRun } from '../core/rows.ts'
import { displayText } from '../core/text.ts'
import { type Admitted, admitRun } from './admit.ts'
import type { Catalog } from './catalog.ts'
import { commitRuns } from './commit.ts'
import type { Engine } from './engine.ts'
import { isFatal } from './engine.ts'
import { groupWindowMs, soonWindowMs } from './group-window.ts'
import { talkOf } from './talk.ts'
import { areBehind } from './write/pending-rollups.ts'

export interface WriterOptions {
  readonly engine: Engine
  readonly catalog: Catalog
  readonly log: Log
  readonly now: () => Date
  /** The shortest a run waits for others to commit with. */
  readonly windowMs: number
  /** The longest a patient run waits for company. */
  readonly patienceMs: number
  /** Null while there is room; else the sentence that refuses. */
  readonly lackOfSpace: () => Promise<string | null>
  /** The same for the few rows that say the disk is full: they may use some of what is kept free. */
  readonly lackForUrgent: () => Promise<string | null>
  /** The sentence that refuses, when an error says that there was no room; null for every other. */
  readonly fullAfterAll: (error: unknown) => Promise<string | null>
  /** Brings the engine back after FATAL; false when that did not help. */
  readonly revive: (error: unknown, generation: number) => Promise<boolean>
  /** The same group killed it twice. */
  readonly onBroken: (error: unknown) => void
  /** Rows of these tables may be others now. */
  readonly onChanged: (tables: Iterable<string>) => void
  /** Everything that touches the writer connection goes through here, one after the other. */
  readonly exclusive: <T>(job: () => Promise<T>) => Promise<T>
}

interface Waiting {
  readonly run: ScrapeRun
  readonly scrape: boolean
  readonly urgent: boolean
  readonly done: (outcome: AppendOutcome) => void
}

export interface AppendHow {
  /** The run says only that nothing changed: it may wait some seconds for a transaction that others pay for. */
  readonly patient?: boolean
  /** It tells something new that somebody should see: it waits for company no longer than keeps commits rare. */
  readonly soon?: boolean
  /** Nobody waits for it, and it may wait so long for company, in ms; default: as long as any other. */
  readonly leisureMs?: number
}

export interface Writer {
  append(run: ScrapeRun, scrape: boolean, how?: AppendHow & { readonly urgent?: boolean }): Promise<AppendOutcome>
  flush(): Promise<void>
  /** Brings rollups up to date for whoever reads them next; without room on the disk they stay behind. */
  roll(): Promise<void>
  /** From now on nothing waits for company, until what it returns is called. */
  hurry(): () => void
  /** Writes what waits; whatever comes later is refused. */
  close(): Promise<void>
}

/** Rows that make waiting for company pointless: writing them takes longer than a small commit of others. */
const FULL_GROUP_ROWS = 10_000

/** Group commit: runs that finish within the window share one transaction. */
export const openWriter = (options: WriterOptions): Writer => {
  let waiting: Waiting[] = []
  let rows = 0
  let timer: NodeJS.Timeout | null = null
  let dueAtMs = 0
  let patience: NodeJS.Timeout | null = null
  let closed = false
  let hurries = 0
  let tookMs = 0
  let endedAtMs = Number.NEGATIVE_INFINITY

  const flush = (): Promise<void> => {
    if (timer) clearTimeout(timer)
    if (patience) clearTimeout(patience)
    timer = null
    patience = null
    return options.exclusive(async () => {
      const group = waiting
      waiting = []
      rows = 0
      if (group.length === 0) return
      const from = performance.now()
      await writeGroup(options, group)
      endedAtMs = performance.now()
      tookMs = endedAtMs - from
    })
  }

  const flushWithin = (ms: number): void => {
    const atMs = performance.now() + ms
    if (timer !== null && dueAtMs <= atMs) return
    if (timer !== null) clearTimeout(timer)
    dueAtMs = atMs
    timer = setTimeout(() => void flush(), ms)
  }

  const windowMs = (soon: boolean): number => {
    const window = groupWindowMs(options.windowMs, tookMs)
    return soon ? soonWindowMs(window, tookMs, performance.now() - endedAtMs) : window
  }

  const roll = async (surely = false): Promise<void> => {
    const isBehind = (): boolean => areBehind(talkOf(options.engine.writer), surely)
    if (!isBehind()) return
    await options.exclusive(async () => {
      if (!isBehind() || (await options.lackOfSpace()) !== null) return
      await tryCommit(options, []).catch((error: unknown) =>
        options.log.warn({ [K.detail]: messageOf(error) }, 'rollups stay behind their samples'),
      )
    })
  }

  return {
    flush,
    roll: () => roll(),
    hurry() {
      hurries += 1
      void flush()
      let over = false
      return () => {
        if (!over) hurries -= 1
        over = true
      }
    },
    async close() {
      closed = true
      await flush()
      // What a process before this one left behind waits for whoever writes or asks.
      await roll(true)
    },
    append: (run, scrape, { patient = false, soon = false, urgent = false, leisureMs = 0 } = {}) =>
      new Promise((done) => {
        if (closed) return done(refused('the store has been closed'))
        waiting.push({ run, scrape, urgent, done })
        rows += run.batches.reduce((sum, batch) => sum + rowCount(batch), 0)
        if (rows >= FULL_GROUP_ROWS) void flush()
        else if (hurries > 0) flushWithin(0)
        else if (patient) patience ??= setTimeout(() => void flush(), options.patienceMs)
        else flushWithin(Math.max(windowMs(soon), soon ? 0 : leisureMs))
      }),
  }
}

const refused = (detail: string): AppendOutcome => ({ ok: false, fault: 'persist_failed', detail })

const writeGroup = async (options: WriterOptions, group: readonly Waiting[]): Promise<void> => {
  const answered = new Set<Waiting>()
  const answer = (one: Waiting, outcome: AppendOutcome): void => {
    answered.add(one)
    one.done(outcome)
  }
  try {
    const lack = await options.lackOfSpace()
    const lackUrgent = lack === null ? null : await options.lackForUrgent()
    const fits: Waiting[] = []
    for (const one of group) {
      const why = one.urgent ? lackUrgent : lack
      if (why === null) fits.push(one)
      else answer(one, refused(why))
    }
    if (fits.length === 0) return
    const entries: Entry[] = []
    for (const one of fits) entries.push(await admit(options, one))
    await commitGroup(options, entries, answer)
  } catch (error) {
    for (const one of group) if (!answered.has(one)) one.done(refused(messageOf(error)))
  }
}

/** A run ready to commit. `refusal` is set when its rows were bad: then only its scrape row goes in, in its turn. */
interface Entry {
  readonly one: Waiting
  readonly admitted: Admitted
  readonly refusal: AppendOutcome | null
}

const admit = async (options: WriterOptions, one: Waiting): Promise<Entry> => {
  try {
    return { one, admitted: await admitRun(options.catalog, one.run, one.scrape), refusal: null }
  } catch (error) {
    return failed(one, messageOf(error))
  }
}

/** The bad run turns its own source red: a scrape row with the fault, no rows, no cursor. Who asked is told, and logs it. */
const failed = (one: Waiting, why: string): Entry => {
  // Words of the database may quote a value.
  const detail = displayText(redact(why), 500)
  const run: ScrapeRun = { ...one.run, up: false, fault: 'persist_failed', detail, batches: [], cursors: [] }
  return { one, admitted: { run, scrape: one.scrape, blocks: [], cursors: [] }, refusal: refused(detail) }
}

const commitGroup = async (
  options: WriterOptions,
  entries: readonly Entry[],
  answer: (one: Waiting, outcome: AppendOutcome) => void,
): Promise<void> => {
  const alone = entries.length === 1 ? entries[0] : undefined
  try {
    const outcomes = await tryCommit(
      options,
      entries.map(({ admitted }) => admitted),
    )
    for (const [index, { one, refusal }] of entries.entries()) {
      answer(one, refusal ?? outcomes[index] ?? refused('no outcome'))
    }
  } catch (error) {
    const full = await options.fullAfterAll(error)
    if (full !== null || isFatal(error)) for (const each of entries) answer(each.one, refused(full ?? messageOf(error)))
    else if (alone?.refusal) answer(alone.one, alone.refusal)
    else if (alone) await commitGroup(options, [failed(alone.one, messageOf(error))], answer)
    else {
      options.log.warn(
        { [K.detail]: messageOf(error), runs: entries.length },
        'a group did not commit; each run is tried alone',
      )
      for (const each of entries) await commitGroup(options, [each], answer)
    }
  }
}

const tryCommit = async (options: WriterOptions, runs: readonly Admitted[]): Promise<readonly AppendOutcome[]> => {
  const { engine } = options
  const { generation } = engine
  try {
    return await commit(options, runs)
  } catch (error) {
    if (!isFatal(error) || !(await options.revive(error, generation))) throw error
  }
  try {
    return await commit(options, runs)
  } catch (error) {
    // Opened once more, so that at least reading goes on.
    if (isFatal(error)) {
      await options.revive(error, engine.generation)
      options.onBroken(error)
    }
    throw error
  }
}

const commit = async (options: WriterOptions, runs: readonly Admitted[]): Promise<readonly AppendOutcome[]> => {
  const { engine, catalog, now, onChanged } = options
  const { outcomes, changed } = await commitRuns(engine.writer, catalog, runs, now().getTime())
  onChanged(changed)
  return outcomes
}
