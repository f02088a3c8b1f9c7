import { setTimeout as pause } from 'node:timers/promises'
import type { Reader } from '../../core/carrier.ts'
import { messageOf, usageError, VcError } from '../../core/errors.ts'
import { contextOf } from '../context.ts'
import type { CliDeps, RegisterCommand } from '../deps.ts'

interface WatchOptions {
  readonly interval: string
  readonly events?: string
  readonly changesOnly?: boolean
  readonly machines?: string
  readonly minSeverity: string
  readonly since?: string
  readonly count?: string
}

const intervalMs = (text: string): number => {
  const seconds = Number(text)
  if (Number.isFinite(seconds) && seconds >= 1) return seconds * 1000
  throw usageError('bad_interval', `'${text}' is no interval`, 'whole seconds from 1, e.g. --interval 30')
}

interface Step {
  readonly lines: readonly string[]
  readonly next: string
}

interface EventsData {
  readonly events: readonly unknown[]
  readonly next: string
}

const line = (type: string, ts: string, value: object): string => `${JSON.stringify({ ...value, type, ts })}\n`

const step = async (reader: Reader, options: WatchOptions, since: string): Promise<Step> => {
  const params = {
    since,
    severity: options.minSeverity,
    ...(options.events === undefined ? {} : { type: options.events }),
    ...(options.machines === undefined ? {} : { machine: options.machines }),
  }
  const changed = await reader.ask({ topic: 'events', params })
  const { events, next } = changed.data as EventsData
  const lines = events.map((event) => `${JSON.stringify(event)}\n`)
  if (options.changesOnly) return { lines, next }
  const fleet = await reader.ask({ topic: 'health', params: {} })
  return {
    lines: [
      ...lines,
      line('fleet', fleet.generatedAt, { cursor: next, health: fleet.data, warnings: fleet.warnings ?? [] }),
    ],
    next,
  }
}

// The daemon may restart under us: the cursor is ours, so we go on where we were, and say once that we wait.
async function* follow(deps: CliDeps, open: () => Promise<Reader>, options: WatchOptions): AsyncIterable<string> {
  const everyMs = intervalMs(options.interval)
  let since = options.since ?? '1s'
  let left = options.count === undefined ? Number.POSITIVE_INFINITY : Number(options.count)
  let down = false
  for (; left > 0; left--) {
    try {
      const reader = await open()
      try {
        const { lines, next } = await step(reader, options, since)
        since = next
        if (down) yield line('carrier', new Date().toISOString(), { change: 'back', carrier: reader.carrier })
        down = false
        yield* lines
      } finally {
        await reader.close()
      }
    } catch (error) {
      if (error instanceof VcError && error.exitCode === 2) throw error
      if (!down) yield line('carrier', new Date().toISOString(), { change: 'lost', text: messageOf(error) })
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
    .option('--events <types>', 'only these: alert,agent,machine,security')
    .option('--changes-only', 'no fleet line per look, only what changed')
    .option('--machines <ids>', 'only these machines, comma-separated')
    .option('--min-severity <severity>', 'critical, warning or info', 'info')
    .option('--since <when>', 'first everything since then: the ts of the last line seen, or an age such as 2h')
    .option('--count <n>', 'stop after n looks')
    .addHelpText(
      'after',
      '\nExamples:\n  vc watch --format jsonl --interval 30\n  vc watch --changes-only --min-severity warning\n  vc watch --since 2026-11-20T08:00:00Z --changes-only',
    )
    .action(async (options: WatchOptions, command) => {
      const ctx = contextOf(command, deps)
      ctx.format(['jsonl', 'json'])
      const loaded = await ctx.config()
      for await (const text of follow(deps, () => deps.openReader(loaded), options)) deps.io.stdout.write(text)
    })
}
