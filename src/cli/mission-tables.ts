import { usageError } from '../core/errors.ts'
import { displayText } from '../core/text.ts'
import type { CliContext } from './context.ts'
import type { CliDeps } from './deps.ts'
import { readerDespite } from './despite-config.ts'
import { block } from './mission-print.ts'
import { ageText, tableText } from './table.ts'

interface Line {
  readonly mission: string
  readonly title: string
  readonly standing: string
  readonly type: string
  readonly lane: string
  readonly priority: string
  readonly event_type: string | null
  readonly to_agent: string | null
  readonly to_role: string | null
  readonly convoy: string | null
  readonly bead: string | null
  readonly waits_on: readonly { readonly mission: string; readonly status: string; readonly dead: boolean }[]
  readonly attempts: number
  readonly attempts_allowed: number
  readonly claimed_by: string | null
  readonly lease_until: string | null
  readonly created_at: string
  readonly created_by: string
  readonly finished_at: string | null
  readonly failure: { readonly code: string; readonly message: string | null } | null
  readonly input_tokens: number | null
  readonly output_tokens: number | null
}

export interface ConvoyLine {
  readonly convoy: string
  readonly title: string
  readonly lane: string
  readonly status: string
  readonly total: number
  readonly done_pct: number | null
  readonly counts: Readonly<Record<string, number>>
  readonly created_at: string
}

interface Answer {
  readonly counts: Readonly<Record<string, number>>
  readonly by_lane: readonly {
    readonly lane: string
    readonly ready: number
    readonly running: number
    readonly blocked: number
  }[]
  readonly spent: Readonly<Record<string, number | null>>
  readonly oldest_ready_s: number | null
  readonly missions: readonly Line[]
  readonly more: boolean
  readonly convoys: readonly ConvoyLine[]
  readonly worktrees: readonly {
    readonly machine: string
    readonly path: string
    readonly branch: string
    readonly base_branch: string
    readonly status: string
    readonly detail: string | null
    readonly agent: string | null
    readonly mission: string | null
    readonly finished_at: string | null
  }[]
  readonly detail: {
    readonly mission: Line
    readonly dependents: readonly string[]
    readonly texts: readonly {
      readonly kind: string
      readonly attempt: number
      readonly author: string
      readonly body: string
    }[]
    readonly history: readonly {
      readonly at: string
      readonly status: string
      readonly claimed_by: string | null
      readonly failure: string | null
    }[]
  } | null
}

export interface MissionListOptions {
  readonly standing?: string
  readonly convoy?: string
  readonly agent?: string
  readonly role?: string
  readonly type?: string
  readonly events?: boolean
  readonly all?: boolean
  readonly at?: string
  readonly limit?: string
}

type Params = Readonly<Record<string, unknown>>

/** The topic `missions`, warnings on stderr. */
export const askMissions = async (ctx: CliContext, deps: CliDeps, params: Params): Promise<Answer> => {
  const { reader } = await readerDespite(ctx, deps)
  try {
    const given = Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined))
    const reply = await reader.ask({ topic: 'missions', params: given })
    for (const warning of reply.warnings ?? []) ctx.io.stderr.write(`vc: note: ${displayText(warning, 500)}\n`)
    return reply.data as Answer
  } finally {
    await reader.close()
  }
}

const whose = (line: Line): string => {
  if (line.claimed_by !== null && line.standing === 'running') return line.claimed_by
  const to = [line.to_agent, line.to_role].filter((one) => one !== null).join(' as ')
  return to === '' ? '' : `for ${to}`
}

const why = (line: Line): string => {
  if (line.waits_on.length > 0)
    return `waits on ${line.waits_on.map((one) => (one.dead ? `${one.mission} (${one.status})` : one.mission)).join(', ')}`
  return line.failure === null
    ? ''
    : `${line.failure.code}${line.failure.message === null ? '' : `: ${line.failure.message}`}`
}

const tones: Readonly<Record<string, 'bad' | 'good' | 'dim' | 'warn'>> = {
  failed: 'bad',
  lapsed: 'bad',
  running: 'good',
  blocked: 'warn',
  paused: 'warn',
}

const missionTable = (ctx: CliContext, lines: readonly Line[]): string =>
  tableText(
    ['mission', 'standing', 'lane', 'priority', 'tries', 'what', 'who', 'why'],
    lines.map((line) => [
      line.mission,
      ctx.paint(tones[line.standing] ?? 'dim', line.standing),
      line.lane,
      line.priority,
      `${line.attempts}/${line.attempts_allowed}`,
      displayText(line.event_type === null ? line.title : `${line.event_type}: ${line.title}`, 60),
      displayText(whose(line), 40),
      displayText(why(line), 60),
    ]),
    ctx.paint,
  )

// An empty queue is no wrong question: only who named something is told that it is not there.
const nothing = ({ events, all, standing, convoy, agent, role, type, at }: MissionListOptions): string => {
  const list = events ? 'vc event list' : 'vc mission list'
  const what = events ? 'event' : 'mission'
  const put = events ? 'vc event emit tells one' : 'vc mission add puts one in'
  if ([standing, convoy, agent, role, type, at].some((word) => word !== undefined))
    return `no such ${what} (without a filter: ${list} --all)`
  return all ? `no ${what} yet (${put})` : `no ${what} waits or runs (${put}; ended ones: ${list} --all)`
}

export const listMissions = async (ctx: CliContext, deps: CliDeps, options: MissionListOptions): Promise<void> => {
  const format = ctx.format(['table', 'json'])
  const answer = await askMissions(ctx, deps, { ...options })
  const { missions, more, counts } = answer
  if (format === 'json') return ctx.printJson({ missions, more, counts })
  ctx.print(missions.length === 0 ? nothing(options) : missionTable(ctx, missions))
  if (more) ctx.print(ctx.paint('dim', 'there are more: --limit'))
}

export const showMission = async (
  ctx: CliContext,
  deps: CliDeps,
  id: string,
  at: string | undefined,
): Promise<void> => {
  const format = ctx.format(['table', 'json'])
  const { detail } = await askMissions(ctx, deps, { id, at })
  if (detail === null)
    throw usageError('unknown_mission', `there is no mission ${displayText(id, 64)}`, 'vc mission list --all')
  if (format === 'json') return ctx.printJson(detail)
  const { mission, texts, history, dependents } = detail
  ctx.print(
    [
      ctx.paint('strong', `${mission.mission}  ${displayText(mission.title, 200)}`),
      `${mission.standing}; ${mission.type}, lane ${mission.lane}, priority ${mission.priority}; try ${mission.attempts} of ${mission.attempts_allowed}`,
      `given by ${displayText(mission.created_by, 64)} at ${mission.created_at}${mission.bead === null ? '' : `, from bead ${mission.bead}`}`,
      ...[whose(mission), why(mission)].filter((one) => one !== '').map((one) => displayText(one, 500)),
      ...(dependents.length === 0 ? [] : [`${dependents.join(', ')} wait on it`]),
      ...texts.map(
        (one) =>
          `\n${ctx.paint('dim', `${one.kind}${one.attempt > 0 ? ` of try ${one.attempt}` : ''}, written by ${displayText(one.author, 64)}`)}\n${block(one.body)}`,
      ),
      '',
      ...history.map((one) =>
        ctx.paint(
          'dim',
          `${one.at}  ${one.status}${one.claimed_by === null ? '' : ` ${displayText(one.claimed_by, 64)}`}${one.failure === null ? '' : ` ${one.failure}`}`,
        ),
      ),
    ].join('\n'),
  )
}

export const showStats = async (ctx: CliContext, deps: CliDeps, at: string | undefined): Promise<void> => {
  const format = ctx.format(['table', 'json'])
  const { counts, by_lane, spent, oldest_ready_s } = await askMissions(ctx, deps, { at })
  if (format === 'json') return ctx.printJson({ counts, by_lane, spent, oldest_ready_s })
  ctx.print(
    Object.entries(counts)
      .map(([name, count]) => `${count} ${name}`)
      .join(' · '),
  )
  if (oldest_ready_s !== null) ctx.print(`the oldest ready one waits for ${ageText(oldest_ready_s)}`)
  ctx.print(
    tableText(
      ['lane', 'ready', 'running', 'blocked'],
      by_lane.map((one) => [one.lane, String(one.ready), String(one.running), String(one.blocked)]),
      ctx.paint,
    ),
  )
  ctx.print(
    `${spent.missions_reporting} ended missions told what they used: ${spent.input_tokens ?? 'unknown'} tokens in, ${spent.output_tokens ?? 'unknown'} out`,
  )
}
