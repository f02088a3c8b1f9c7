import { createHash } from 'node:crypto'
import type { ActWish, Deed, DeedResult, Effect, Proposal, Refusal } from '../../core/action.ts'
import { type SpawnWish, TAKES_PLACE } from '../../core/engine.ts'
import { usageError } from '../../core/errors.ts'
import { sha256 } from '../../core/ids.ts'
import { displayText } from '../../core/text.ts'
import { placeInLine } from '../../engine/pool.ts'
import { mintAgentId } from '../../oracle/agent-identity.ts'
import type { Managed } from './book.ts'
import type { EnginePorts } from './ports.ts'
import { roleNotice } from './role-words.ts'
import { observeRunning, outcomeOf, type StoredSpec, startAgent } from './start.ts'
import { parseSpawnWish } from './wish.ts'

/** Agents of vc that take a place on this machine now. */
export const placesTaken = (ports: Pick<EnginePorts, 'book'>, machineId: string): number =>
  ports.book.on(machineId).filter((agent) => TAKES_PLACE.has(agent.status)).length

const MOST_AT_ONCE = 50

const countOf = (given: unknown): number => {
  if (given === undefined || given === null) return 1
  if (typeof given === 'number' && Number.isInteger(given) && given >= 1 && given <= MOST_AT_ONCE) return given
  throw usageError('bad_count', 'that is no number of agents', `1 to ${MOST_AT_ONCE} at once`)
}

/** The same wish mints the same ids until they are taken: the question and the answer are about the same agents. */
const mintIds = (ports: EnginePorts, wish: SpawnWish, seed: string, count: number): readonly string[] => {
  const taken = new Set(ports.book.all().map((agent) => agent.agent_id))
  const cli = wish.cli === 'generic' ? 'agent' : wish.cli
  return Array.from({ length: count }, (_, index) => {
    const id = mintAgentId(wish.machineId, cli, `${seed}\0${index}`, taken)
    taken.add(id)
    return id
  })
}

const rowOf = (wish: SpawnWish, agentId: string, actor: string, at: string): Managed => ({
  agent_id: agentId,
  machine_id: wish.machineId,
  cli: wish.cli,
  role: wish.role,
  label: wish.label,
  tier: wish.tier,
  tier_reason: wish.tierReason,
  model: wish.model,
  isolation: wish.isolation,
  cwd: wish.cwd,
  worktree: null,
  branch: null,
  spec_json: JSON.stringify({ extra: wish.args, promptFile: wish.promptFile } satisfies StoredSpec),
  argv_json: '[]',
  session_id: null,
  host: 'tmux',
  socket: null,
  server_pid: null,
  server_start: null,
  session_name: null,
  pane_id: null,
  pane_pid: null,
  pane_start_ticks: null,
  boot_id: null,
  log_path: null,
  launches: 0,
  restart_policy: wish.restartPolicy,
  mandate: null,
  schedule_json: wish.schedule === null ? null : JSON.stringify(wish.schedule),
  wanted: 'run',
  status: 'queued',
  status_reason: null,
  status_at: at,
  restarts: 0,
  crashes_json: '[]',
  created_at: at,
  created_by: actor,
  started_at: null,
  ended_at: null,
  exit_code: null,
  next_restart_at: null,
  last_seen_at: null,
})

const queueUp = async (ports: EnginePorts, agent: Managed, wish: SpawnWish): Promise<Effect> => {
  const limit = ports.keys().maxAgents(agent.machine_id)
  const reason = `${placesTaken(ports, agent.machine_id)} of ${limit} places on ${agent.machine_id} are taken`
  await ports.book.change({ ...agent, status_reason: reason }, [{ type: 'queue', detail: reason }])
  const request = {
    request_id: agent.agent_id,
    machine_id: agent.machine_id,
    agent_id: agent.agent_id,
    priority: wish.priority,
    asked_at: agent.created_at,
    asked_by: agent.created_by,
    status: 'waiting',
    reason,
    settled_at: null,
  }
  await ports.book.queue(request)
  const line = ports.book.waiting().map((row) => ({
    requestId: row.request_id,
    machineId: row.machine_id,
    priority: row.priority,
    askedAt: new Date(row.asked_at),
  }))
  const place = placeInLine(line, agent.agent_id)
  return { what: `${agent.agent_id} waits for a place`, observed: true, evidence: `pool queue, place ${place}` }
}

interface Spawned {
  readonly effects: readonly Effect[]
  readonly queued: boolean
  readonly refusal: Refusal | null
}

const spawnOne = (ports: EnginePorts, wish: SpawnWish, agentId: string, actor: string): Promise<Spawned> =>
  ports.book.inTurn(agentId, async () => {
    const agent = rowOf(wish, agentId, actor, ports.now().toISOString())
    if (placesTaken(ports, wish.machineId) >= ports.keys().maxAgents(wish.machineId))
      return { effects: [await queueUp(ports, agent, wish)], queued: true, refusal: null }
    await ports.book.change({ ...agent, status: 'starting' }, [])
    const noTree = await withWorktree(ports, agentId)
    if (noTree !== null) return notSpawned(ports, agentId, noTree)
    const end = await startAgent(ports, agentId, 'fresh', 'spawn', `started by ${actor}`)
    if (end.is === 'started') return { effects: await observeRunning(ports, agentId), queued: false, refusal: null }
    const what = `${agentId} runs`
    if (end.is === 'unknown')
      return { effects: [{ what, observed: false, evidence: null }], queued: false, refusal: null }
    return notSpawned(ports, agentId, end.refusal)
  })

const notSpawned = async (ports: EnginePorts, agentId: string, refusal: Refusal): Promise<Spawned> => {
  await markRefused(ports, agentId, refusal)
  return { effects: [{ what: `${agentId} runs`, observed: false, evidence: refusal.code }], queued: false, refusal }
}

/** An agent that shall work apart gets its worktree before its first start, and keeps it over all others. Null: it has what it needs. */
export const withWorktree = async (ports: EnginePorts, agentId: string): Promise<Refusal | null> => {
  const agent = ports.book.get(agentId)
  if (agent === undefined || agent.isolation !== 'worktree' || agent.worktree !== null) return null
  const { machine_id: machineId, cwd, created_by: by } = agent
  const made = await ports.worktree({ machineId, agentId, cwd, by })
  if ('code' in made) return made
  await ports.book.change({ ...agent, worktree: made.path, branch: made.branch }, [])
  return null
}

/** It was not started and nothing of it runs. */
export const markRefused = async (ports: EnginePorts, agentId: string, refusal: Refusal): Promise<void> => {
  const agent = ports.book.get(agentId)
  if (agent === undefined) return
  const at = ports.now().toISOString()
  const row: Managed = {
    ...agent,
    wanted: 'stop',
    status: 'refused',
    status_reason: refusal.message,
    status_at: at,
    ended_at: at,
  }
  await ports.book.change(row, [{ type: 'give_up', detail: refusal.message, data: { code: refusal.code } }])
}

const endOf = (spawned: readonly Spawned[], ids: readonly string[]): DeedResult | Refusal => {
  const effects = spawned.flatMap((one) => one.effects)
  const refusals = spawned.map((one) => one.refusal).filter((one) => one !== null)
  // Nothing of it was touched, and the first reason names what to mend.
  if (refusals.length === spawned.length && refusals[0] !== undefined) return refusals[0]
  const data = { agents: ids, queued: ids.filter((_, index) => spawned[index]?.queued) }
  if (spawned.some((one) => one.queued)) return { outcome: 'queued', effects, data }
  return { outcome: outcomeOf(effects), effects, data }
}

const proposalOf = (given: ActWish, wish: SpawnWish, ids: readonly string[]): Proposal => ({
  verb: 'agent.spawn',
  target: { machineId: wish.machineId, agentId: null, subject: ids.join(' ') },
  params: {
    cli: wish.cli,
    role: wish.role,
    tier: wish.tier,
    model: wish.model,
    cwd: wish.cwd,
    isolation: wish.isolation,
    restart: wish.restartPolicy,
    schedule: wish.schedule?.cron ?? null,
    // The words are no placeholders: their hash tells two wishes apart.
    words: wish.args.length,
    words_hash: sha256(JSON.stringify(wish.args)).slice(0, 16),
    grants: wish.restartPolicy === 'never' ? ['agent.start'] : ['agent.start', 'agent.restart'],
    grants_for: ids,
  },
  class: 'reversible',
  why: `start ${ids.length === 1 ? 'an agent' : `${ids.length} agents`} (${wish.cli}, ${wish.role}) in ${wish.cwd}`,
  origin: given.origin,
  actor: given.actor,
})

const shownOf = (ports: EnginePorts, wish: SpawnWish): readonly string[] => [
  ...(wish.args.length > 0 ? [`words: ${displayText(wish.args.join(' '), 300)}`] : []),
  `tier ${wish.tier} (${wish.tierReason}), model ${wish.model ?? "the CLI's own default"}`,
  `restart: ${wish.restartPolicy}${wish.schedule === null ? '' : `, mission every “${wish.schedule.cron}” UTC`}`,
  `places on ${wish.machineId}: ${placesTaken(ports, wish.machineId)} of ${ports.keys().maxAgents(wish.machineId)} taken`,
  ...[roleNotice({ cli: wish.cli, role: wish.role, file: wish.promptFile, resumes: false, extra: wish.args })].flatMap(
    (line) => line ?? [],
  ),
]

/** Starts one agent or several; those that find no place wait in the queue. */
export const spawnDeed =
  (ports: EnginePorts, clis: readonly string[]) =>
  async (given: ActWish): Promise<Deed> => {
    const wish = parseSpawnWish(given.params, { clis, modelOf: ports.keys().modelOf })
    const seed = createHash('sha256')
      .update(JSON.stringify([given.params, given.actor]))
      .digest('hex')
    const ids = mintIds(ports, wish, seed, countOf(given.params.count))
    return {
      proposal: proposalOf(given, wish, ids),
      shown: shownOf(ports, wish),
      // The machine must be one vc knows; whether it answers is seen when it is asked to start something.
      check: async () => {
        await ports.host(wish.machineId)
        return null
      },
      async act() {
        const spawned: Spawned[] = []
        for (const id of ids) spawned.push(await spawnOne(ports, wish, id, given.actor))
        return endOf(spawned, ids)
      },
    }
  }
