import { displayText } from '../core/text.ts'
import type { CliContext } from './context.ts'
import type { CliDeps } from './deps.ts'
import { readerDespite } from './despite-config.ts'
import type { Tone } from './io.ts'
import { ageText, tableText } from './table.ts'

/** Parts of the topic `engine` that the command line shows. */
export interface EngineAgent {
  readonly agent: string
  readonly machine: string
  readonly cli: string
  readonly role: string
  readonly label: string | null
  readonly tier: string
  readonly tier_reason: string
  readonly model: string | null
  readonly status: string
  readonly status_reason: string | null
  readonly status_at: string
  readonly wanted: string
  readonly cwd: string
  readonly worktree: string | null
  readonly session: string | null
  readonly pid: number | null
  readonly terminal: string | null
  readonly log: string | null
  readonly argv: readonly string[]
  readonly launches: number
  readonly restart_policy: string
  readonly restarts: number
  readonly next_restart_at: string | null
  readonly created_at: string
  readonly created_by: string
  readonly schedule: string | null
  readonly health: {
    readonly alive: boolean | null
    readonly responsive: boolean | null
    readonly heartbeat_age_s: number | null
    readonly mem_bytes: number | null
    readonly cpu_pct: number | null
    readonly idle_s: number | null
    readonly state: string
    readonly why: string
  }
  readonly recovery: {
    readonly proposed: string
    readonly why: string
    readonly options: readonly { readonly way: string; readonly not: string | null; readonly says: string }[]
  } | null
  readonly overhead: {
    readonly mem_bytes: number | null
    readonly cpu_pct: number | null
    readonly tokens_24h: number | null
    readonly cost_microusd_24h: number | null
  } | null
}

export interface EngineAnswer {
  readonly agents: readonly EngineAgent[]
  readonly total: number
  readonly pools: readonly {
    readonly machine: string
    readonly limit: number | null
    readonly taken: number
    readonly waiting: number
  }[]
  readonly queue: readonly {
    readonly agent: string
    readonly machine: string
    readonly priority: string
    readonly place: number
    readonly asked_at: string
    readonly asked_by: string
  }[]
  readonly orphans: readonly {
    readonly machine: string
    readonly pid: number
    readonly command: string
    readonly mem_bytes: number | null
    readonly agent: string
    readonly why: string
    readonly seen_at: string
  }[]
  readonly orphan_mem_bytes: number | null
  readonly standing: {
    readonly agents: number
    readonly mem_bytes: number | null
    readonly tokens_24h: number
    readonly cost_microusd_24h: number
  }
  readonly events: readonly {
    readonly ts: string
    readonly type: string
    readonly agent: string
    readonly detail: string | null
  }[]
}

/** The topic `engine` as whoever owns the store answers it now. */
export const askEngine = async (
  ctx: CliContext,
  deps: Pick<CliDeps, 'openReader' | 'runningReader'>,
  params: Readonly<Record<string, unknown>>,
): Promise<{ readonly data: EngineAnswer; readonly warnings: readonly string[] }> => {
  const { reader } = await readerDespite(ctx, deps)
  try {
    const given = Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined))
    const reply = await reader.ask({ topic: 'engine', params: given })
    return { data: reply.data as EngineAnswer, warnings: reply.warnings ?? [] }
  } finally {
    await reader.close()
  }
}

const MIB = 1_048_576

/** `412 MB`, `?` where it is not known. */
export const memText = (bytes: number | null): string =>
  bytes === null ? '?' : `${bytes >= 10 * MIB || bytes === 0 ? Math.round(bytes / MIB) : (bytes / MIB).toFixed(1)} MB`

const TONES: Readonly<Record<string, Tone>> = {
  running: 'good',
  starting: 'warn',
  queued: 'dim',
  stopped: 'dim',
  forgotten: 'dim',
  backing_off: 'warn',
  held: 'warn',
}

export const statusText = (ctx: CliContext, status: string): string => ctx.paint(TONES[status] ?? 'bad', status)

const isPaused = ({ wanted }: Pick<EngineAgent, 'wanted'>): boolean => wanted === 'paused'

const yesNo = (value: boolean | null): string => (value === null ? '?' : value ? 'yes' : 'no')

export const agentsTable = (ctx: CliContext, agents: readonly EngineAgent[]): string =>
  tableText(
    ['AGENT', 'ROLE', 'TIER', 'STATUS', 'STATE', 'ALIVE', 'MEM', 'CPU', 'IDLE', 'POLICY'],
    agents.map((one) => [
      displayText(one.agent),
      displayText(one.label === null ? one.role : `${one.role} (${one.label})`),
      one.tier,
      `${statusText(ctx, one.status)}${isPaused(one) ? ctx.paint('warn', ', paused') : ''}`,
      one.health.state,
      yesNo(one.health.alive),
      memText(one.health.mem_bytes),
      one.health.cpu_pct === null ? '?' : `${Math.round(one.health.cpu_pct)}%`,
      one.health.idle_s === null ? '-' : ageText(one.health.idle_s),
      one.restarts === 0 ? one.restart_policy : `${one.restart_policy}, ${one.restarts}×`,
    ]),
    ctx.paint,
  )

const usd = (micro: number | null): string => (micro === null ? '?' : `$${(micro / 1e6).toFixed(2)}`)

/** One agent, everything known of it, a fact a line. */
export const agentLines = (ctx: CliContext, one: EngineAgent): readonly string[] => {
  const { health, overhead, recovery } = one
  const facts: readonly (readonly [string, string | null])[] = [
    [
      'status',
      `${statusText(ctx, one.status)}${one.status_reason === null ? '' : `: ${displayText(one.status_reason, 300)}`}`,
    ],
    [
      'paused',
      isPaused(one)
        ? `by a person: neither started again nor handed anything until vc agent unpause ${displayText(one.agent)}`
        : null,
    ],
    [
      'role',
      `${one.role}${one.label === null ? '' : ` (${displayText(one.label)})`}, tier ${one.tier} (${one.tier_reason})`,
    ],
    ['cli', `${one.cli}, model ${one.model === null ? "the CLI's own default" : displayText(one.model)}`],
    ['folder', displayText(one.worktree ?? one.cwd, 300)],
    ['session', one.session === null ? null : displayText(one.session)],
    [
      'terminal',
      one.terminal === null ? null : `${displayText(one.terminal)}, pid ${one.pid ?? '?'}, start ${one.launches}`,
    ],
    [
      'health',
      `state ${health.state}, alive ${yesNo(health.alive)}, responsive ${yesNo(health.responsive)}, ${memText(health.mem_bytes)}; ${displayText(health.why)}`,
    ],
    [
      'restart',
      `${one.restart_policy}, ${one.restarts} so far${one.next_restart_at === null ? '' : `, next ${one.next_restart_at}`}`,
    ],
    [
      'standing',
      one.schedule === null
        ? null
        : `mission at “${displayText(one.schedule)}” UTC; costs ${memText(overhead?.mem_bytes ?? null)}, ${overhead?.tokens_24h ?? '?'} tokens and ${usd(overhead?.cost_microusd_24h ?? null)} in 24 h`,
    ],
    ['log', one.log === null ? null : displayText(one.log, 300)],
    ['created', `${one.created_at} by ${displayText(one.created_by)}`],
    ['recover', recovery === null ? null : `vc agent recover ${displayText(one.agent)} --${recovery.proposed}`],
  ]
  return [
    ctx.paint('strong', displayText(one.agent)),
    ...facts.flatMap(([name, value]) => (value === null ? [] : [`  ${name.padEnd(9)}${value}`])),
  ]
}
