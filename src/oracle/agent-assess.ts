import type { AgentCli, AgentState, AgentVerdict, Sighting, Tier } from '../core/agent.ts'
import { AGENT_STATES, TIERS } from '../core/agent.ts'
import type { Row, RowBatch } from '../core/rows.ts'
import { type IdentityInput, identifyAgents, serverWordOn } from './agent-identity.ts'
import { cliOfRow, dateOf, numberOf, paneKeyOf, textOf } from './agent-rows.ts'
import { decide } from './agent-state.ts'

/** Reads what panes say; passed in because the rules of titles live with the collectors. */
export interface PaneReaders {
  readTitle(cli: AgentCli, title: string, context: { readonly at: Date; readonly cwd: string | null }): Sighting | null
}

export interface AssessInput extends IdentityInput {
  readonly readers: PaneReaders
  /** As judged before this look. */
  readonly states?: readonly Row[]
}

export interface Assessment {
  readonly agents: RowBatch
  readonly aliases: RowBatch
  readonly states: RowBatch
  /** Agents whose state rests on what was seen before a source of theirs changed, or on nothing: a look would settle it. */
  readonly overtaken: readonly string[]
}

const stateOf = (value: unknown): AgentState => AGENT_STATES.find((state) => state === value) ?? 'unknown'
const tierOf = (value: unknown): Tier => TIERS.find((tier) => tier === value) ?? 'screen'

/** A stored sighting as `decide` takes it. */
export function sightingOfRow(row: Row): Sighting | null {
  const asOf = dateOf(row, 'as_of')
  if (asOf === null || row.gone === true) return null
  const seenAt = dateOf(row, 'collected_at')
  return {
    tier: tierOf(row.tier),
    source: textOf(row, 'sighting_source') ?? 'unknown',
    says: stateOf(row.says),
    rule: textOf(row, 'rule') ?? 'unknown',
    asOf,
    ...(seenAt === null ? {} : { seenAt }),
    since: dateOf(row, 'since'),
    until: dateOf(row, 'until_at'),
    reason: textOf(row, 'reason'),
  }
}

/** Title and screen columns of a pane row. The screen was looked at when its hash is known. */
export function sightingsOfPane(cli: AgentCli, pane: Row, readers: PaneReaders): readonly Sighting[] {
  const at = dateOf(pane, 'collected_at')
  if (at === null) return []
  const title = readers.readTitle(cli, textOf(pane, 'title') ?? '', { at, cwd: textOf(pane, 'current_path') })
  const base = {
    tier: 'screen',
    source: 'screen',
    asOf: at,
    seenAt: at,
    since: dateOf(pane, 'screen_changed_at'),
  } as const
  const rule = textOf(pane, 'screen_rule')
  const foreign = textOf(pane, 'screen_cli') !== null && pane.screen_cli !== cli
  const read: Sighting[] =
    rule !== null && !foreign
      ? [
          {
            ...base,
            says: stateOf(pane.screen_state),
            rule,
            until: dateOf(pane, 'screen_until'),
            reason: textOf(pane, 'screen_reason'),
          },
        ]
      : textOf(pane, 'screen_hash') === null
        ? []
        : [{ ...base, says: 'unknown', rule: 'screen.nothing@1', until: null, reason: null }]
  return title === null ? read : [title, ...read]
}

const STOPPED = /^[Tt]/

/** What the process rows of one root prove: frozen, alive, alive without a terminal, left behind by the one it had. */
export function sightingsOfTree(
  processes: readonly Row[],
  pid: number,
  startTicks: number,
  hadTerminal: boolean,
): readonly Sighting[] {
  const root = processes.find((row) => numberOf(row, 'pid') === pid && numberOf(row, 'start_ticks') === startTicks)
  const at = root === undefined ? null : dateOf(root, 'collected_at')
  if (root === undefined || at === null) return []
  const tree = processes.filter(
    (row) => numberOf(row, 'root_pid') === pid && row.cli === root.cli && row.tty === root.tty && row.gone !== true,
  )
  const base = { tier: 'process', source: 'process', asOf: at, seenAt: at, since: null, until: null } as const
  if (tree.some((row) => STOPPED.test(textOf(row, 'state') ?? '')))
    return [{ ...base, says: 'stalled', rule: 'process.stopped@1', reason: 'stopped by a signal' }]
  if (hadTerminal && textOf(root, 'tty') === null)
    return [
      { ...base, says: 'unknown', rule: 'process.orphaned@1', reason: 'its terminal is closed, its process goes on' },
    ]
  const rule = textOf(root, 'tty') === null ? 'process.headless@1' : 'process.alive@1'
  return [{ ...base, says: 'unknown', rule, reason: null }]
}

const sightingJson = (sighting: Sighting): Record<string, unknown> => ({
  tier: sighting.tier,
  source: sighting.source,
  says: sighting.says,
  rule: sighting.rule,
  as_of: sighting.asOf.toISOString(),
  seen_at: (sighting.seenAt ?? sighting.asOf).toISOString(),
  since: sighting.since?.toISOString() ?? null,
  until: sighting.until?.toISOString() ?? null,
  reason: sighting.reason,
})

/** One `latest_agent_states` row. */
export const stateRow = (agentId: string, machineId: string, verdict: AgentVerdict, now: Date): Row => ({
  agent_id: agentId,
  machine_id: machineId,
  state: verdict.state,
  reason: verdict.reason,
  since: verdict.since,
  until_at: verdict.until,
  rule: verdict.rule,
  winner_json: verdict.winner === null ? null : JSON.stringify(sightingJson(verdict.winner)),
  losers_json: JSON.stringify(verdict.losers.map(sightingJson)),
  judged_at: now,
})

const endedVerdict = (row: Row, now: Date): AgentVerdict => {
  const at = dateOf(row, 'ended') ?? now
  const gone: Sighting = {
    tier: 'death',
    source: 'process',
    says: 'dead',
    rule: 'process.gone@1',
    asOf: at,
    seenAt: now,
    since: at,
    until: null,
    reason: 'no live process',
  }
  return decide([gone], { now })
}

/** Nobody can answer where the terminal is closed: who was asked something then is still waited for. */
const outlivingVerdict = (input: AssessInput, row: Row): AgentVerdict => {
  const word = serverWordOn(row, input)
  const said = word === null ? null : sightingOfRow(word)
  const before = input.states?.find((state) => state.agent_id === row.agent_id)
  const asks = before?.state === 'needs_approval' || before?.state === 'asked_question'
  const known = said !== null && asks ? { ...said, says: stateOf(before.state), since: dateOf(before, 'since') } : said
  return decide(known === null ? [] : [known], { now: input.now })
}

/** A limit outlasts its cancelled turn (evidence-bundle.md), of which Gemini writes down no more than that it was cancelled. */
function withItsLimit(verdict: AgentVerdict, before: Row | undefined): AgentVerdict {
  const isCancelled = verdict.rule.startsWith('gemini.transcript.aborted@') && verdict.reason === 'cancelled'
  const rule = before === undefined ? null : textOf(before, 'rule')
  if (!isCancelled || before?.state !== 'rate_limited' || !rule?.startsWith('gemini.screen.quota@')) return verdict
  return { ...verdict, state: 'rate_limited', rule, reason: textOf(before, 'reason'), since: dateOf(before, 'since') }
}

/** Looks this close together at one title are one: whoever saw it change says since when it stands. */
const SAME_LOOK_MS = 15_000

const tellsMore = (title: Sighting, pane: Sighting): boolean => {
  if (title.source !== pane.source) return false
  const lookedMs = (title.seenAt ?? title.asOf).getTime()
  const repeats = title.rule === pane.rule && pane.asOf.getTime() - lookedMs <= SAME_LOOK_MS
  return title.asOf > pane.asOf || repeats
}

/** Sightings of one live agent: by pid and start time, by session, by pane; then its pane and its tree. */
function sightingsFor(input: AssessInput, agent: Row): readonly Sighting[] {
  const [pid, ticks] = [numberOf(agent, 'root_pid'), numberOf(agent, 'root_start_ticks')]
  const session = textOf(agent, 'session_id')
  const paneKey = textOf(agent, 'pane_key')
  const pane = input.panes.find((row) => row.gone !== true && paneKey === paneKeyOf(row))
  const cli = cliOfRow(agent)
  const mine = (row: Row): boolean => {
    if (cliOfRow(row) !== cli || row.sighting_source === 'codex.server') return false
    if (textOf(row, 'pane_key') !== null) return textOf(row, 'pane_key') === paneKey
    if (numberOf(row, 'pid') !== null) return numberOf(row, 'pid') === pid && numberOf(row, 'start_ticks') === ticks
    return session !== null && textOf(row, 'session_id') === session
  }
  const stored = input.sightings
    .filter(mine)
    .map(sightingOfRow)
    .filter((sighting) => sighting !== null)
  const seen = pane === undefined ? [] : sightingsOfPane(cli, pane, input.readers)
  const current = seen.filter((pane) => !stored.some((title) => tellsMore(title, pane)))
  const tree = sightingsOfTree(input.processes, pid ?? 0, ticks ?? 0, textOf(agent, 'tty') !== null)
  return [...stored, ...current, ...tree]
}

/** The next look at screens and records comes by itself not much later. */
const OVERTAKEN_MS = 15_000

const isMoment = ({ tier, source }: Sighting): boolean =>
  tier === 'screen' || tier === 'transcript' || source.endsWith('.title')

const isOvertaken = ({ winner, losers }: AgentVerdict, now: Date): boolean => {
  if (winner !== null && !isMoment(winner)) return false
  const seenAt = winner === null ? null : (winner.seenAt ?? winner.asOf)
  return losers.some(
    ({ tier, says, asOf, since }) =>
      tier === 'live' &&
      says !== 'unknown' &&
      // What does not date its change says the same at each look: that is no news.
      since !== null &&
      // An idle source also covers how a turn ended that was shorter than the time between two looks.
      (says !== winner?.says || says === 'idle') &&
      (seenAt === null || asOf > seenAt) &&
      now.getTime() - asOf.getTime() < OVERTAKEN_MS,
  )
}

/**
 * Identity and states of one machine's agents, ready for the store: changed agents and aliases, and a state row for every
 * agent that lives, outlives its terminal or just ended. State is computed from rows alone, so one-shot and daemon runs agree.
 */
export function assessAgents(input: AssessInput): Assessment {
  const outcome = identifyAgents(input)
  const before = new Map(input.states?.map((row) => [row.agent_id, row]))
  const judged = outcome.live.map(({ agentId, row }) => ({
    agentId,
    verdict: withItsLimit(decide(sightingsFor(input, row), { now: input.now }), before.get(agentId)),
  }))
  const living = judged.map(({ agentId, verdict }) => stateRow(agentId, input.machineId, verdict, input.now))
  const outliving = outcome.outliving.map((row) =>
    stateRow(String(row.agent_id), input.machineId, outlivingVerdict(input, row), input.now),
  )
  const dead = outcome.ended.map((row) =>
    stateRow(String(row.agent_id), input.machineId, endedVerdict(row, input.now), input.now),
  )
  return {
    agents: { table: 'agents', rows: outcome.agents },
    aliases: { table: 'agent_aliases', rows: outcome.aliases },
    states: { table: 'latest_agent_states', rows: [...living, ...outliving, ...dead] },
    overtaken: judged.filter(({ verdict }) => isOvertaken(verdict, input.now)).map(({ agentId }) => agentId),
  }
}
