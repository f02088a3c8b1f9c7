import { setTimeout as pause } from 'node:timers/promises'
import type { Reader } from '../../core/carrier.ts'
import { messageOf, usageError, VcError } from '../../core/errors.ts'
import { EVENT_TYPES } from '../../queries/event-shapes.ts'
import { parseMoment } from '../../queries/params.ts'
import { contextOf } from '../context.ts'
import type { RegisterCommand } from '../deps.ts'

interface WatchOptions {
  readonly interval: string
  readonly events?: string
  readonly changesOnly?: boolean
  readonly machines?: string
  readonly minSeverity: string
  readonly since?: string
  readonly count?: string
}

// A pause of more milliseconds than 31 bits hold would be none at all.
const LONGEST_S = 86_400

const intervalMs = (text: string): number => {
  const seconds = Number(text)
  if (seconds >= 1 && seconds <= LONGEST_S) return seconds * 1000
  throw usageError('bad_interval', `'${text}' is no interval`, `seconds from 1 to ${LONGEST_S}, e.g. --interval 30`)
}

const refuseUnknownSeverity = (text: string): void => {
  const known = ['critical', 'warning', 'info']
  if (known.includes(text)) return
  throw usageError('bad_severity', `'${text}' is no severity`, `--min-severity takes ${known.join(', ')}`)
}

// Clocks may differ by a little; more, and a watch would wait in silence for that moment to come.
const AHEAD_MS = 60_000

const startOf = (text: string | undefined, now: Date): string => {
  const since = parseMoment(text ?? '1s', now)
  if (since.getTime() <= now.getTime() + AHEAD_MS) return since.toISOString()
  throw usageError(
    'bad_time',
    `${since.toISOString()} lies in the future; it is ${now.toISOString()}`,
    'give --since the ts of the last line seen, or an age such as 2h',
  )
}

interface Step {
  readonly lines: readonly string[]
  readonly next: string
}

interface EventsData {
  readonly events: readonly { readonly ts: string }[]
  readonly next: string
  readonly more: boolean
}

interface FleetData {
  readonly machines: readonly { readonly id: string }[]
}

const lookCount = (text: string | undefined): number => {
  if (text === undefined) return Number.POSITIVE_INFINITY
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw usageError('bad_count', `'${text}' is no number of looks`, 'a whole number from 1, e.g. --count 3')
}

// A row may be committed a moment after others that bear a later time: each look goes back over this much again.
const OVERLAP_MS = 60_000

/** Passes each event once, though looks overlap. Nothing at or before `floor` is asked for. */
const openOnce = (floor: string) => {
  let told = new Map<string, string>()
  return {
    from(cursor: string): string {
      const back = new Date(Date.parse(cursor) - OVERLAP_MS).toISOString()
      return back > floor ? back : floor
    },
    fresh(events: EventsData['events']): string[] {
      return events.flatMap((event) => {
        const text = JSON.stringify(event)
        if (told.has(text)) return []
        told.set(text, event.ts)
        return [`${text}\n`]
      })
    },
    forgetBefore(cursor: string): void {
      const oldest = this.from(cursor)
      told = new Map([...told].filter(([, ts]) => ts > oldest))
    },
  }
}
type Once = ReturnType<typeof openOnce>

const line = (type: string, ts: string, value: object): string => `${JSON.stringify({ ...value, type, ts })}\n`

// All that is new, in as many answers as it takes.
const newEvents = async (reader: Reader, options: WatchOptions, since: string, once: Once): Promise<Step> => {
  const params = {
    severity: options.minSeverity,
    limit: 10_000,
    ...(options.events === undefined ? {} : { type: options.events }),
    ...(options.machines === undefined ? {} : { machine: options.machines }),
  }
  const lines: string[] = []
  let from = once.from(since)
  for (;;) {
    const { data } = await reader.ask({ topic: 'events', params: { ...params, since: from } })
    const { events, next, more } = data as EventsData
    lines.push(...once.fresh(events))
    if (!more) {
      const reached = next > since ? next : since
      once.forgetBefore(reached)
      return { lines, next: reached }
    }
    from = next
  }
}

const onlyNamed = (fleet: FleetData, machines: string | undefined): FleetData => {
  if (machines === undefined) return fleet
  const named = machines.split(',').map((id) => id.trim())
  return { ...fleet, machines: fleet.machines.filter((machine) => named.includes(machine.id)) }
}

const step = async (reader: Reader, options: WatchOptions, since: string, once: Once): Promise<Step> => {
  const { lines, next } = await newEvents(reader, options, since, once)
  if (options.changesOnly) return { lines, next }
  const fleet = await reader.ask({ topic: 'health', params: {} })
  const health = onlyNamed(fleet.data as FleetData, options.machines)
  return {
    lines: [...lines, line('fleet', fleet.generatedAt, { cursor: next, health, warnings: fleet.warnings ?? [] })],
    next,
  }
}

// Silence over a store that nobody fills would look like a fleet where nothing changes.
const NO_DAEMON =
  'no daemon is running, so nothing is being collected; told is what the file holds (vc daemon --detach)'

const carrierLine = (change: 'lost' | 'back', more: object): string =>
  line('carrier', new Date().toISOString(), { change, ...more })

// The daemon may restart under us: the cursor is ours, so we go on where we were, and say once that we wait.
async function* follow(open: () => Promise<Reader>, options: WatchOptions): AsyncIterable<string> {
  const everyMs = intervalMs(options.interval)
  refuseUnknownSeverity(options.minSeverity)
  // Ages count from now, once: a look that failed must not move where we begin.
  let since = startOf(options.since, new Date())
  const once = openOnce(since)
  let left = lookCount(options.count)
  let down = false
  for (; left > 0; left--) {
    try {
      const reader = await open()
      try {
        const { lines, next } = await step(reader, options, since, once)
        since = next
        const away = reader.carrier !== 'socket'
        if (away && !down) yield carrierLine('lost', { carrier: reader.carrier, text: NO_DAEMON })
        if (!away && down) yield carrierLine('back', { carrier: reader.carrier })
        down = away
        yield* lines
      } finally {
        await reader.close()
      }
    } catch (error) {
      if (error instanceof VcError && error.exitCode === 2) throw error
      if (!down) yield carrierLine('lost', { text: messageOf(error) })
      down = true
    }
    if (left > 1) await pause(everyMs)
  }
}

export const register: RegisterCommand = (program, deps) => {
  program
    .command('watch')
    .description('a stream of changes, one JSON object per line; goes on over a restart of the daemon')
    .option('--interval <seconds>', 'seconds between looks', '30')
    .option('--events <types>', `only these: ${EVENT_TYPES.join(',')}`)
    .option('--changes-only', 'no fleet line per look, only what changed')
    .option('--machines <ids>', 'only these machines, comma-separated')
    .option('--min-severity <severity>', 'critical, warning or info', 'info')
    .option('--since <when>', 'first everything since then: the ts of the last line seen, or an age such as 2h')
    .option('--count <n>', 'stop after n looks')
    .addHelpText(
      'after',
      '\nExamples:\n  vc watch --format jsonl --interval 30\n  vc watch --changes-only --min-severity warning\n  vc watch --events alert,prediction --changes-only\n  vc watch --since 2026-11-20T08:00:00Z --changes-only',
    )
    .action(async (options: WatchOptions, command) => {
      const ctx = contextOf(command, deps)
      ctx.format(['jsonl', 'json'])
      const loaded = await ctx.config()
      for await (const text of follow(() => deps.openReader(loaded), options)) deps.io.stdout.write(text)
    })
}
