import { setImmediate as turn } from 'node:timers/promises'
import type { Collector, MachineFacts } from '../core/collector.ts'
import { messageOf } from '../core/errors.ts'
import type { Fault } from '../core/faults.ts'
import type { ScrapeRun, Warning } from '../core/rows.ts'
import type { MachineAsker, RunAsker } from '../transport/asker.ts'
import { type AskMeter, newMeter, onAccount } from '../transport/asker-meter.ts'
import type { Trouble } from '../transport/frame-faults.ts'
import { contextFor, type ScrapePorts } from './scrape-context.ts'
import { type Absences, missingNeeds } from './scrape-needs.ts'
import { type Ending, endingOfThrow, scrapeRunOf } from './scrape-run.ts'

export interface ScrapeInput {
  readonly machine: MachineFacts
  /** Those that are due now; each at most once in flight per machine, which the caller sees to. */
  readonly collectors: readonly Collector[]
  readonly asker: MachineAsker
  readonly ports: ScrapePorts
  readonly absences: Absences
  /** Nobody waits for this look: its answers may be read with those of other machines. */
  readonly patient?: boolean
  /** Ends all runs as `cancelled`. */
  readonly signal?: AbortSignal
  /** Called as each run ends, so that a slow one does not hold up the rows of the others. */
  readonly onRun?: (run: ScrapeRun) => void
}

/**
 * One look at one machine: runs every due collector at once, lets their questions travel together, and gives back a
 * run for each, failed ones too. Never rejects: what a collector throws is the fault of its run.
 */
export async function scrapeMachine(input: ScrapeInput): Promise<readonly ScrapeRun[]> {
  const { machine, collectors, absences } = input
  const able = collectors.map((collector) => ({ collector, missing: missingNeeds(collector, machine) }))
  const absent = able.filter(({ collector, missing }) => absences.isNews(machine.id, collector.name, missing))
  const ready = able.filter(({ missing }) => missing === null)
  // All runs begin before any asks: then the first questions of all of them share an exec.
  const begun = ready.map(({ collector }) => begin(input, collector))
  const reports = absent.map(({ collector, missing }) => reportAbsent(input, collector, missing ?? ''))
  const finishing = begun.map((run) => finish(input, run))
  const trouble = troubleOf(finishing)
  const runs = finishing.map(async (finished) => {
    const mine = await finished
    const told = machine.local || knowsTheWay(mine) ? mine.run : markLost(mine, await trouble)
    input.onRun?.(told)
    return told
  })
  return [...reports, ...(await Promise.all(runs))]
}

const GAVE_UP = new Set<Fault | null>(['timeout', 'cancelled'])

// Who asked nothing cannot know whether the machine was there, nor can who gave up before a login that takes longer: that is
// for the others to say.
const knowsTheWay = ({ run, meter }: Finished): boolean =>
  meter.asks > 0 && (run.fault !== 'timeout' || meter.lost !== null)

// Who stopped waiting saw no trouble of the way, but no answer either.
const isAnswered = ({ run, meter }: Finished): boolean =>
  meter.asks > 0 && meter.lost === null && !GAVE_UP.has(run.fault)

/** Known with the first answer: whoever asked nothing does not wait for one that hangs. */
const troubleOf = (finishing: readonly Promise<Finished>[]): Promise<Trouble | null> =>
  new Promise((resolve, reject) => {
    for (const one of finishing) one.then((finished) => isAnswered(finished) && resolve(null), reject)
    Promise.all(finishing).then((all) => resolve(wayTrouble(all)), reject)
  })

/** The trouble that kept all who asked from any answer; null when somebody got one, or nobody asked. */
function wayTrouble(finished: readonly Finished[]): Trouble | null {
  const asked = finished.filter(({ meter }) => meter.asks > 0)
  if (asked.length === 0 || asked.some(isAnswered)) return null
  const lost = asked.find(({ meter }) => meter.lost !== null)?.meter.lost
  const gaveUp = asked[0]?.run
  return lost ?? { fault: gaveUp?.fault ?? 'timeout', detail: gaveUp?.detail ?? 'no answer in time' }
}

const markLost = ({ run, meter }: Finished, trouble: Trouble | null): ScrapeRun => {
  const isOwn = meter.asks > 0 && GAVE_UP.has(trouble?.fault ?? null)
  return trouble === null || isOwn ? run : { ...run, ...trouble, up: false, batches: [], cursors: [] }
}

function reportAbsent(input: ScrapeInput, collector: Collector, missing: string): ScrapeRun {
  const facts = {
    machineId: input.machine.id,
    collector,
    startedAt: input.ports.now(),
    durationMs: 0,
    meter: newMeter(),
    cursors: new Map(),
    warnings: [],
  }
  const run = scrapeRunOf(facts, { is: 'fault', fault: 'tool_missing', detail: `not found there: ${missing}` })
  input.onRun?.(run)
  return run
}

interface Begun {
  readonly collector: Collector
  readonly asker: RunAsker
  readonly giveUp: AbortController
  readonly startedAt: Date
}

/** Said once for all runs: a reason of its own costs a stack trace each. */
const OVER = new Error('the run is over')

function begin({ asker, ports, patient }: ScrapeInput, collector: Collector): Begun {
  // What ends the look ends its clock, and that gives up.
  const giveUp = new AbortController()
  return { collector, giveUp, asker: asker.beginRun(giveUp.signal, patient), startedAt: ports.now() }
}

interface Finished {
  readonly run: ScrapeRun
  readonly meter: AskMeter
}

/** Said by one collector, or every source of the machine would say it. */
const NOTHING_ENDS: Warning = {
  code: 'no_timeout_tool',
  message: 'nothing there can end a question that hangs (no timeout, gtimeout, perl or setsid): its processes stay',
  fix: 'install timeout (coreutils) there',
}

async function finish(input: ScrapeInput, begun: Begun): Promise<Finished> {
  const { collector, asker, startedAt } = begun
  const from = performance.now()
  const warnings: Warning[] = []
  let cursors: ReadonlyMap<string, unknown> = new Map()
  let ending: Ending
  try {
    cursors = await input.ports.cursors(collector.name)
    ending = await collectOnce(input, begun, cursors, warnings)
  } catch (error) {
    ending = { is: 'fault', fault: 'persist_failed', detail: `cursors not readable: ${messageOf(error)}` }
  }
  const durationMs = performance.now() - from
  asker.end()
  // The last answer's receiver is charged at the end of this turn of the loop.
  await turn()
  if (collector.name === 'probe' && input.asker.timeoutTool() === 'none') warnings.push(NOTHING_ENDS)
  const machineId = input.machine.id
  const { meter } = asker
  const facts = { machineId, collector, startedAt, durationMs, meter, cursors, warnings }
  return { run: scrapeRunOf(facts, ending), meter }
}

/** The collector against its clock: reported progress starts the clock anew, for backfills that take their time. */
async function collectOnce(
  input: ScrapeInput,
  { collector, asker, giveUp, startedAt }: Begun,
  cursors: ReadonlyMap<string, unknown>,
  warnings: Warning[],
): Promise<Ending> {
  const { machine, ports, signal } = input
  const limitMs = machine.local ? collector.timeoutMs : (collector.remoteTimeoutMs ?? collector.timeoutMs)
  const clock = startClock(limitMs, signal)
  const context = contextFor({
    ...{ machine, collector, ports, asker, startedAt, cursors, warnings },
    onProgress: clock.restart,
  })
  const collecting = onAccount(asker.meter, async () => collector.collect(context)).then(
    (result): Ending => ({ is: 'result', result }),
    endingOfThrow,
  )
  const ending = await Promise.race([collecting, clock.ended])
  clock.stop()
  giveUp.abort(OVER)
  return ending
}

function startClock(timeoutMs: number, signal: AbortSignal | undefined) {
  const { promise: ended, resolve } = Promise.withResolvers<Ending>()
  const expire = () => resolve({ is: 'fault', fault: 'timeout', detail: `the run took more than ${timeoutMs} ms` })
  const cancel = () => resolve({ is: 'fault', fault: 'cancelled', detail: 'vc was asked to stop' })
  const timer = setTimeout(expire, timeoutMs)
  if (signal?.aborted) cancel()
  else signal?.addEventListener('abort', cancel)
  const stop = (): void => {
    clearTimeout(timer)
    signal?.removeEventListener('abort', cancel)
  }
  return { ended, restart: () => void timer.refresh(), stop }
}
