import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import type { Reader } from '../../core/carrier.ts'
import { messageOf, usageError, VcError } from '../../core/errors.ts'
import { jsonText } from '../../core/text.ts'
import { EVENT_TYPES } from '../../queries/event-shapes.ts'
import { parseMoment } from '../../queries/params.ts'
import { contextOf } from '../context.ts'
import type { RegisterCommand } from '../deps.ts'
import { openerDespite } from '../despite-config.ts'

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
    'give --since the cursor of the last fleet line seen, or an age such as 2h',
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

const lookCount = (text: string | undefined): number => {
  if (text === undefined) return Number.POSITIVE_INFINITY
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw usageError('bad_count', `'${text}' is no number of looks`, 'a whole number from 1, e.g. --count 3')
}

// A row may be committed a moment after others that bear a later time: each look goes back over this much again.
const OVERLAP_MS = 60_000
/** So many lines are known again after a clock was set back; an hour of a busy fleet. */
const KNOWN_AGAIN = 10_000

/** Passes each event once, though looks overlap. Nothing at or before `floor` is asked for, until the clock falls behind it. */
const openOnce = (floor: string) => {
  const known = new Map<string, string>()
  let lowest = floor
  return {
    from(cursor: string): string {
      const nowMs = Date.now()
      const back = new Date(Math.min(Date.parse(cursor), nowMs) - OVERLAP_MS).toISOString()
      // A clock that was set back gives what comes now an earlier time than all that was told.
      if (nowMs < Date.parse(lowest) - AHEAD_MS) lowest = back
      return back > lowest ? back : lowest
    },
    fresh(events: EventsData['events']): string[] {
      return events.flatMap((event) => {
        const text = jsonText(event)
        if (known.has(text)) return []
        known.set(text, event.ts)
        // Of the time before a clock was set back, and from before we began.
        const early = event.ts <= floor && Date.parse(event.ts) > Date.now() + AHEAD_MS
        return early ? [] : [`${text}\n`]
      })
    },
    forgetBefore(cursor: string): void {
      const oldest = this.from(cursor)
      for (const [text, ts] of known) if (known.size > KNOWN_AGAIN && ts <= oldest) known.delete(text)
    },
  }
}
type Once = ReturnType<typeof openOnce>

const line = (type: string, ts: string, value: object): string => `${jsonText({ ...value, type, ts })}\n`

// All that is new, in as many answers as it takes.
const newEvents = async (reader: Reader, options: WatchOptions, since: string, told: Once): Promise<Step> => {
  const params = {
    severity: options.minSeverity,
    limit: 10_000,
    ...(options.events === undefined ? {} : { type: options.events }),
    ...(options.machines === undefined ? {} : { machine: options.machines }),
  }
  const lines: string[] = []
  let from = told.from(since)
  for (;;) {
    const { data } = await reader.ask({ topic: 'events', params: { ...params, since: from } })
    const { events, next, more } = data as EventsData
    lines.push(...told.fresh(events))
    if (!more) {
      const reached = next > since ? next : since
      told.forgetBefore(reached)
      return { lines, next: reached }
    }
    from = next
  }
}

// What lies ahead of the clock would be refused as --since.
const resumable = (cursor: string): string => {
  const now = new Date().toISOString()
  return cursor < now ? cursor : now
}

const step = async (reader: Reader, options: WatchOptions, since: string, told: Once): Promise<Step> => {
  const { lines, next } = await newEvents(reader, options, since, told)
  if (options.changesOnly) return { lines, next }
  const params = options.machines === undefined ? {} : { machine: options.machines }
  const { data: health, generatedAt, warnings = [] } = await reader.ask({ topic: 'health', params })
  return { lines: [...lines, line('fleet', generatedAt, { cursor: resumable(next), health, warnings })], next }
}

// Silence over a store that nobody fills would look like a fleet where nothing changes.
const NO_DAEMON =
  'no daemon is running, so nothing is being collected; told is what the file holds (vc daemon --detach)'
const SILENT = 'the daemon does not answer; told is what it wrote down last (vc daemon status)'

const carrierLine = (change: 'lost' | 'back', more: object): string =>
  line('carrier', new Date().toISOString(), { change, ...more })

// The reader is given back before a line is told: without a daemon it holds the store, and who reads us may be slow.
const look = async (
  open: () => Promise<Reader>,
  options: WatchOptions,
  since: string,
  told: Once,
): Promise<Step & Pick<Reader, 'carrier'>> => {
  const reader = await open()
  try {
    return { ...(await step(reader, options, since, told)), carrier: reader.carrier }
  } finally {
    await reader.close()
  }
}

// The daemon may restart under us: the cursor is ours, so we go on where we were, and say once that we wait.
async function* follow(open: () => Promise<Reader>, options: WatchOptions): AsyncIterable<string> {
  const everyMs = intervalMs(options.interval)
  refuseUnknownSeverity(options.minSeverity)
  // Ages count from now, once: a look that failed must not move where we begin.
  let since = startOf(options.since, new Date())
  const told = openOnce(since)
  let left = lookCount(options.count)
  let down = false
  for (; left > 0; left--) {
    const lines: string[] = []
    try {
      const seen = await look(open, options, since, told)
      since = seen.next
      const away = seen.carrier !== 'socket'
      if (away && !down)
        lines.push(
          carrierLine('lost', { carrier: seen.carrier, text: seen.carrier === 'embedded' ? NO_DAEMON : SILENT }),
        )
      if (!away && down) lines.push(carrierLine('back', { carrier: seen.carrier }))
      down = away
      lines.push(...seen.lines)
    } catch (error) {
      if (error instanceof VcError && error.exitCode === 2) throw error
      if (!down) lines.push(carrierLine('lost', { text: messageOf(error) }))
      down = true
    }
    yield* lines
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
    .option(
      '--since <when>',
      'first everything after then: the cursor of the last fleet line seen, or an age such as 2h',
    )
    .option('--count <n>', 'stop after n looks')
    .addHelpText(
      'after',
      '\nExamples:\n  vc watch --format jsonl --interval 30\n  vc watch --changes-only --min-severity warning\n  vc watch --events alert,prediction --changes-only\n  vc watch --since 2026-11-20T08:00:00Z --changes-only',
    )
    .action(async (options: WatchOptions, command) => {
      const ctx = contextOf(command, deps)
      ctx.format(['jsonl', 'json'])
      const { open } = await openerDespite(ctx, deps)
      const { stdout } = deps.io
      // Who reads slowly holds the next look up, and memory keeps one look at most: the cursor stays behind with it.
      for await (const text of follow(open, options)) if (!stdout.write(text)) await once(stdout, 'drain')
    })
}
