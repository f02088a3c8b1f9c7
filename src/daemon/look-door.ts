import { EXIT, usageError, VcError } from '../core/errors.ts'
import type { LookLine, LookProgress, LookWish, NotLooked, ToldRun } from '../core/looked.ts'
import { toldRun } from '../core/looked.ts'
import { suggestName } from '../core/nearest.ts'
import type { Fleet } from './fleet.ts'
import type { CollectNow } from './look-now.ts'

/** How the daemon looks now because somebody asked. */
export interface LookDoor {
  /** Throws what is wrong with the wish; what it returns looks, and tells each line as it comes. Never rejects for a machine. */
  wish(given: unknown): (tell: (line: LookLine) => void) => Promise<void>
  /** What is long under way, whoever began it. */
  progress(machineId: string, collector: string, done: number, total: number): void
}

export interface LookDoorPorts {
  readonly fleet: () => Fleet
  readonly machineIds: () => readonly string[]
  readonly collectorNames: readonly string[]
  /** Resolves when no other configuration is being taken: the fleet is the one to ask then. */
  readonly settled: () => Promise<unknown>
  /** Judges what was committed, so that whoever asks next sees it. */
  readonly judge: () => Promise<void>
}

/** A look is made anew so often when the configuration is taken anew under it. */
const MOST_ANEW = 3

/** More wait at once only where something goes round in circles; each of them holds a connection and a list. */
const MOST_AT_ONCE = 8

const namesIn = (value: unknown, what: string): readonly string[] => {
  if (value === undefined) return []
  if (Array.isArray(value) && value.every((name) => typeof name === 'string')) return value
  throw usageError('bad_look', `${what} of a look are a list of names`, 'vc collect --help')
}

/** Names as a set of what is to be looked at; none = everything. Throws for one that does not exist, with the nearest that does. */
export const lookedFor = (
  { machines: wantedMachines = [], collectors: wantedCollectors = [] }: Partial<LookWish>,
  machineIds: readonly string[],
  collectorNames: readonly string[],
): Pick<CollectNow, 'machines' | 'collectors'> => {
  const chosen = (wanted: readonly string[], known: readonly string[], what: string) => {
    for (const name of wanted)
      if (!known.includes(name))
        throw usageError(`unknown_${what}`, `there is no ${what} '${name}'`, suggestName(name, known))
    return wanted.length === 0 ? undefined : new Set(wanted)
  }
  const machines = chosen(wantedMachines, machineIds, 'machine')
  const collectors = chosen(wantedCollectors, collectorNames, 'collector')
  return { ...(machines ? { machines } : {}), ...(collectors ? { collectors } : {}) }
}

// A fleet that gives way to another configuration ends its runs: what they were to see, the next fleet looks at.
const lookedThrough = async (
  { fleet, settled }: LookDoorPorts,
  wanted: CollectNow,
  tell: (run: ToldRun) => void,
): Promise<readonly NotLooked[]> => {
  const placeOf = ({ machine, collector }: ToldRun): string => `${machine} ${collector}`
  let cut = new Map<string, ToldRun>()
  const notLooked: NotLooked[] = []
  for (let anew = 0, wish = wanted; ; anew += 1) {
    const asked = fleet()
    const [before, ended] = [cut, new Map<string, ToldRun>()]
    const onRun: CollectNow['onRun'] = (run, outcome, wasRunning) => {
      const told = toldRun(run, outcome, wasRunning)
      if (anew > 0 && !before.delete(placeOf(told))) return
      if (told.fault === 'cancelled') ended.set(placeOf(told), told)
      else tell(told)
    }
    notLooked.push(...(await asked.collectNow({ ...wish, onRun })))
    cut = new Map([...before, ...ended])
    if (ended.size > 0) await settled()
    if (ended.size === 0 || fleet() === asked || anew === MOST_ANEW) break
    const ones = [...ended.values()]
    wish = {
      machines: new Set(ones.map(({ machine }) => machine)),
      collectors: new Set(ones.map(({ collector }) => collector)),
    }
  }
  // What the new configuration does not look at any more has only that end.
  for (const told of cut.values()) tell(told)
  return notLooked
}

export const openLookDoor = (ports: LookDoorPorts): LookDoor => {
  const { machineIds, collectorNames, judge } = ports
  const watching = new Set<(progress: LookProgress) => void>()
  let open = 0
  return {
    wish(given) {
      const { machines, collectors } = (given ?? {}) as Record<string, unknown>
      const names = { machines: namesIn(machines, 'machines'), collectors: namesIn(collectors, 'collectors') }
      const wanted = lookedFor(names, machineIds(), collectorNames)
      if (open >= MOST_AT_ONCE)
        throw new VcError(
          'too_many_looks',
          `${open} looks are waited for already; each source is looked at once at a time`,
          'wait for one of them; what they see: vc robot scrapes --json',
          { exitCode: EXIT.refused },
        )
      return async (tell) => {
        const isMine = ({ machine, collector }: LookProgress): boolean =>
          (wanted.machines?.has(machine) ?? true) && (wanted.collectors?.has(collector) ?? true)
        const watch = (progress: LookProgress): void => {
          if (isMine(progress)) tell({ progress })
        }
        open += 1
        watching.add(watch)
        try {
          const notLooked = await lookedThrough(ports, wanted, (run) => tell({ run }))
          await judge()
          tell({ end: { not_looked: notLooked } })
        } finally {
          open -= 1
          watching.delete(watch)
        }
      }
    },
    progress(machine, collector, done, total) {
      for (const watch of watching) watch({ machine, collector, done, total })
    },
  }
}
