import type { MachineConfig } from '../config/index.ts'
import type { NotLooked } from '../core/looked.ts'
import type { AppendOutcome, ScrapeRun } from '../core/rows.ts'
import type { Lane, Turn } from './lane.ts'
import { failedRuns } from './polling.ts'
import { missingNeeds } from './scrape-needs.ts'
import type { Looking, UnderWay } from './under-way.ts'

/** A look that somebody asked for. */
export interface CollectNow {
  readonly machines?: ReadonlySet<string>
  readonly collectors?: ReadonlySet<string>
  readonly signal?: AbortSignal
  /** Each run as it is committed or refused; `wasRunning`: it had begun before. */
  readonly onRun?: (run: ScrapeRun, outcome: AppendOutcome, wasRunning: boolean) => void
}

const isWanted = (names: ReadonlySet<string> | undefined, name: string): boolean => names?.has(name) ?? true

const nameOf = ({ collector }: Turn): string => collector.name

interface Chosen {
  readonly machine: MachineConfig
  readonly lane: Lane
}

const disabled = (machine: string): NotLooked => ({
  machine,
  collector: null,
  why: 'disabled',
  detail: 'the machine is disabled: vc looks at nothing there',
  fix: `vc machines enable ${machine}`,
})

const switchedOff = (machine: string | null, collector: string): NotLooked => ({
  machine,
  collector,
  why: 'switched_off',
  detail: `${collector} is switched off ${machine === null ? 'everywhere' : 'there'}`,
  fix: `vc config explain collectors.${collector}`,
})

const seconds = (ms: number): string => `${Math.max(1, Math.round(ms / 1000))} s`

// Who names a machine has perhaps just mended it, and waits for nobody's retry; but a loop of such wishes must not
// become what back-off is there to prevent: logins that fail one after the other.
const backingOff = (lane: Lane, isNamed: boolean, { now, shortestMs }: Pacing): NotLooked | null => {
  if (lane.retryAtMs === null || lane.retryAtMs <= now) return null
  const agoMs = now - (lane.lostAtMs ?? 0)
  if (isNamed && agoMs >= shortestMs) return null
  const { machineId: machine, transportFailures: times } = lane
  const inTime = `vc tries it again in ${seconds(lane.retryAtMs - now)}`
  return {
    machine,
    collector: null,
    why: 'backing_off',
    detail: isNamed
      ? `it was tried ${seconds(agoMs)} ago and did not answer; ${inTime}`
      : `it did not answer ${times === 1 ? 'the last time' : `${times} times in a row`}; ${inTime}`,
    fix: isNamed
      ? `in ${seconds(shortestMs - agoMs)}: vc collect -m ${machine}; step by step: vc machines probe ${machine}`
      : `at once: vc collect -m ${machine}; step by step: vc machines probe ${machine}`,
  }
}

interface Pacing {
  readonly now: number
  /** Between two tries of a machine that does not answer. */
  readonly shortestMs: number
}

/** Which machines a wish is about, and what of it is not looked at. */
export const leftOut = (
  machines: readonly MachineConfig[],
  lanes: ReadonlyMap<string, Lane>,
  wanted: CollectNow,
  pacing: Pacing,
): { readonly out: readonly NotLooked[]; readonly chosen: readonly Chosen[] } => {
  const out: NotLooked[] = []
  const chosen: Chosen[] = []
  const meant = machines.filter(({ id }) => isWanted(wanted.machines, id))
  for (const machine of meant) {
    const lane = lanes.get(machine.id)
    const isNamed = wanted.machines !== undefined
    if (lane === undefined) {
      if (isNamed) out.push(disabled(machine.id))
      continue
    }
    const here = lane.turns.map(nameOf)
    const off = [...(wanted.collectors ?? [])].filter((name) => !here.includes(name))
    if (isNamed) out.push(...off.map((name) => switchedOff(machine.id, name)))
    if (!here.some((name) => isWanted(wanted.collectors, name))) continue
    const waits = backingOff(lane, isNamed, pacing)
    if (waits === null) chosen.push({ machine, lane })
    else out.push(waits)
  }
  if (wanted.machines === undefined)
    for (const name of wanted.collectors ?? [])
      if (![...lanes.values()].some((lane) => lane.turns.some((turn) => nameOf(turn) === name)))
        out.push(switchedOff(null, name))
  return { out, chosen }
}

interface LookNow {
  readonly lane: Lane
  readonly wanted: CollectNow
  /** Takes what is free and looks at it; null where nothing is. */
  readonly begin: () => { readonly looking: Looking; readonly done: Promise<void> } | null
  readonly underWay: UnderWay
  /** Called once, when every run that was asked for is on its way to the store. */
  readonly looked: () => void
  readonly now: () => number
}

/** Looks at one machine. What is being looked at there already is waited for and told as well: no source is asked twice. */
export const lookNow = async ({ lane, wanted, begin, underWay, looked, now }: LookNow): Promise<void> => {
  const names = lane.turns.map(nameOf).filter((name) => isWanted(wanted.collectors, name))
  const running = new Set(names.filter((name) => lane.isRunning(name)))
  const begun = begin()
  const heard = new Set<string>()
  const asked = names.flatMap((name) => {
    const looking = underWay.of(lane.machineId, name)
    if (looking === null) return []
    const told = new Promise<void>((resolve) =>
      looking.hear(name, (run, outcome) => {
        heard.add(name)
        wanted.onRun?.(run, outcome, running.has(name))
        resolve()
      }),
    )
    // A neighbour in the same look may read for minutes: who asked for another source does not wait for it.
    return { looked: Promise.race([looking.looked, told]), over: Promise.race([looking.over, told]) }
  })
  await Promise.all(asked.map((one) => one.looked))
  looked()
  await Promise.all([begun?.done, ...asked.map((one) => one.over)])
  // An absence that was told before is no run of its own, but it is an answer.
  for (const turn of lane.turns.filter((one) => names.includes(nameOf(one)))) {
    const missing = missingNeeds(turn.collector, lane.facts)
    if (heard.has(nameOf(turn)) || missing === null) continue
    const why = { fault: 'tool_missing', detail: `not found there: ${missing}` } as const
    for (const run of failedRuns(lane, [turn], why, new Date(now())))
      wanted.onRun?.(run, { ok: true, inserted: 0, duplicates: 0 }, false)
  }
}
