import type { ActWish, Deed, DeedMaker, DeedMakers, DeedResult, Refusal } from '../../core/action.ts'
import { usageError } from '../../core/errors.ts'
import type { Managed } from './book.ts'
import { managedNamed } from './named.ts'
import { orphanDeed } from './orphan-deed.ts'
import { pauseDeed, unpauseDeed } from './pause.ts'
import { pausedRefusal } from './paused.ts'
import { endedRows, refOf } from './place.ts'
import type { EnginePorts } from './ports.ts'
import { proposalOf } from './proposal.ts'
import { markRefused, placesTaken, spawnDeed, withWorktree } from './spawn.ts'
import { observeRunning, outcomeOf, type StartHow, startAgent } from './start.ts'
import { endProcesses, stopAgent } from './stop.ts'

const refusal = (code: string, message: string, fix: string): Refusal => ({ code, message, fix })

const grantsOf = (agent: Managed): readonly string[] => (agent.restart_policy === 'never' ? [] : ['agent.restart'])

const noPlace = (ports: EnginePorts, agent: Managed): Refusal | null => {
  const runs = refOf(agent) !== null && agent.status === 'running'
  const limit = ports.keys().maxAgents(agent.machine_id)
  return runs ||
    placesTaken(ports, agent.machine_id) -
      Number(agent.status === 'crashed' || agent.status === 'backing_off' || agent.status === 'held') <
      limit
    ? null
    : refusal(
        'pool_full',
        `all ${limit} places on ${agent.machine_id} are taken`,
        'stop another one, or raise engine.max_agents_per_machine',
      )
}

/** Starts it in its own turn, after ending what may still run, and says what was seen. */
const startOver = async (
  ports: EnginePorts,
  agentId: string,
  how: StartHow,
  event: 'restart' | 'recover' | 'spawn',
  why: string,
  patch: Partial<Managed>,
): Promise<DeedResult | Refusal> => {
  const agent = ports.book.get(agentId)
  if (agent === undefined) return refusal('unknown_agent', `vc does not keep ${agentId}`, 'vc agent list --managed')
  const ended = event === 'spawn' || agent.status === 'lost' ? null : await endProcesses(ports, agent)
  if (ended?.is === 'refused') return ended.refusal
  if (ended?.is === 'unknown') return { outcome: 'outcome_unknown', effects: [] }
  await ports.book.change({ ...agent, ...patch }, [])
  const started = await startAgent(ports, agentId, how, event, why)
  const before = ended?.is === 'stopped' ? ended.effects : []
  if (started.is === 'unknown') return { outcome: 'outcome_unknown', effects: before }
  if (started.is === 'not_started') {
    await notStarted(ports, agentId, started.refusal)
    if (before.length === 0) return started.refusal
    return {
      outcome: 'done',
      effects: [...before, { what: `${agentId} runs`, observed: false, evidence: started.refusal.code }],
    }
  }
  const effects = [...before, ...(await observeRunning(ports, agentId))]
  return { outcome: outcomeOf(effects), effects, data: { agents: [agentId], session: started.agent.session_id } }
}

// It was there before and is not now: that is an ending like any other, and its policy goes on.
const notStarted = async (ports: EnginePorts, agentId: string, why: Refusal): Promise<void> => {
  const agent = ports.book.get(agentId)
  if (agent === undefined) return
  const now = ports.now()
  const crashes = [...(JSON.parse(agent.crashes_json) as string[]), now.toISOString()].slice(-20)
  const crashed: Managed = {
    ...agent,
    status: 'crashed',
    status_reason: `it could not be started: ${why.message}`,
    status_at: now.toISOString(),
    ended_at: now.toISOString(),
    crashes_json: JSON.stringify(crashes),
  }
  await ports.book.change(
    crashed,
    [{ type: 'crash', detail: crashed.status_reason, data: { code: why.code } }],
    endedRows(crashed, now),
  )
}

const howOf = (given: unknown, agent: Managed): StartHow => {
  if (given === undefined || given === null) return agent.session_id === null ? 'fresh' : 'resume'
  if (given === 'resume' || given === 'fresh') return given
  throw usageError('bad_how', 'that is no way to start it again', '--resume or --fresh')
}

const restartDeed =
  (ports: EnginePorts) =>
  async (given: ActWish): Promise<Deed> => {
    const agent = managedNamed(ports.book, given.params.agent)
    const how = howOf(given.params.how, agent)
    const auto = given.origin === 'guardian'
    return {
      proposal: await proposalOf(ports, given, agent, {
        verb: 'agent.restart',
        class: 'irreversible',
        why: auto
          ? `start it again by its policy ${agent.restart_policy}: ${agent.status_reason ?? agent.status}`
          : `end it and start it again (${how === 'resume' ? `its session ${agent.session_id} goes on` : 'a new session'})`,
        params: { how, launch: agent.launches, grants: auto ? [] : grantsOf(agent) },
      }),
      async check() {
        const now = ports.book.get(agent.agent_id)
        if (now === undefined || now.launches !== agent.launches)
          return refusal('started_since', `${agent.agent_id} was started again since`, 'look: vc agent show')
        if (now.status === 'queued')
          return refusal('still_queued', `${agent.agent_id} waits for a place`, 'vc agent pool')
        const paused = pausedRefusal(now)
        if (paused !== null) return paused
        if (auto && now.wanted !== 'run')
          return refusal('not_wanted', `${agent.agent_id} shall not run`, 'vc agent show')
        return noPlace(ports, now)
      },
      act: () =>
        ports.book.inTurn(agent.agent_id, () => {
          const row = ports.book.get(agent.agent_id) ?? agent
          const patch = auto ? { restarts: row.restarts + 1 } : { crashes_json: '[]', wanted: 'run' }
          return startOver(
            ports,
            agent.agent_id,
            how,
            'restart',
            auto ? `by policy ${row.restart_policy}` : `by ${given.actor}`,
            patch,
          )
        }),
    }
  }

/** A queued agent whose turn has come. */
const startDeed =
  (ports: EnginePorts) =>
  async (given: ActWish): Promise<Deed> => {
    const agent = managedNamed(ports.book, given.params.agent)
    return {
      proposal: await proposalOf(ports, given, agent, {
        verb: 'agent.start',
        class: 'reversible',
        why: 'a place is free for it',
        params: {},
      }),
      async check() {
        const now = ports.book.get(agent.agent_id)
        if (now?.status !== 'queued')
          return refusal('not_queued', `${agent.agent_id} does not wait for a place`, 'vc agent list --managed')
        return pausedRefusal(now) ?? noPlace(ports, now)
      },
      act: () =>
        ports.book.inTurn(agent.agent_id, async () => {
          const noTree = await withWorktree(ports, agent.agent_id)
          const end = noTree ?? (await startOver(ports, agent.agent_id, 'fresh', 'spawn', 'its turn came', {}))
          if ('code' in end) await markRefused(ports, agent.agent_id, end)
          await leaveQueue(
            ports,
            agent.agent_id,
            'code' in end ? 'refused' : 'started',
            'code' in end ? end.message : null,
          )
          return end
        }),
    }
  }

const leaveQueue = async (
  ports: EnginePorts,
  agentId: string,
  status: string,
  reason: string | null,
): Promise<void> => {
  const waiting = ports.book.waiting().find((row) => row.agent_id === agentId)
  if (waiting === undefined) return
  await ports.book.queue({ ...waiting, status, reason, settled_at: ports.now().toISOString() })
}

const stopDeed =
  (ports: EnginePorts) =>
  async (given: ActWish): Promise<Deed> => {
    const agent = managedNamed(ports.book, given.params.agent)
    return {
      proposal: await proposalOf(ports, given, agent, {
        verb: 'agent.stop',
        class: 'irreversible',
        why: 'end its processes and start it no more',
        params: { launch: agent.launches },
      }),
      shown: [
        `status ${agent.status}, session ${agent.session_id ?? 'unknown'}: vc agent restart --resume brings it back`,
      ],
      async check() {
        const now = ports.book.get(agent.agent_id)
        return now?.status === 'stopped'
          ? refusal('already_stopped', `${agent.agent_id} is stopped`, 'nothing to do')
          : null
      },
      act: () =>
        ports.book.inTurn(agent.agent_id, async () => {
          await leaveQueue(ports, agent.agent_id, 'cancelled', 'stopped before it started')
          const end = await stopAgent(ports, agent.agent_id, `stopped by ${given.actor}`)
          if (end.is === 'refused') return end.refusal
          if (end.is === 'unknown') return { outcome: 'outcome_unknown', effects: [] }
          return { outcome: outcomeOf(end.effects), effects: end.effects }
        }),
    }
  }

const RECOVERIES = ['resume', 'fresh', 'forget'] as const
type Recovery = (typeof RECOVERIES)[number]

const recoveryOf = (given: unknown): Recovery => {
  const found = RECOVERIES.find((one) => one === given)
  if (found !== undefined) return found
  throw usageError('bad_recovery', 'say how it shall be recovered', '--resume, --fresh or --forget')
}

const forget = (ports: EnginePorts, agentId: string, why: string): Promise<DeedResult> =>
  ports.book.inTurn(agentId, async () => {
    const agent = ports.book.get(agentId)
    if (agent === undefined) return { outcome: 'recorded', effects: [] }
    const at = ports.now().toISOString()
    const row: Managed = { ...agent, wanted: 'forgotten', status: 'forgotten', status_reason: why, status_at: at }
    await ports.book.change(row, [{ type: 'recover', detail: why, data: { how: 'forget' } }])
    return { outcome: 'recorded', effects: [{ what: `${agentId} is forgotten`, observed: true, evidence: 'its row' }] }
  })

/** Carries out what a person chose for an agent that its machine's restart, or its end, took away. */
const recoverDeed =
  (ports: EnginePorts) =>
  async (given: ActWish): Promise<Deed> => {
    const agent = managedNamed(ports.book, given.params.agent)
    const how = recoveryOf(given.params.how)
    const says = {
      resume: `start it again and go on with its session ${agent.session_id ?? '(none known)'}`,
      fresh: 'start it again with a new session',
      forget: 'forget it; its history stays',
    }
    return {
      proposal: await proposalOf(ports, given, agent, {
        verb: 'agent.recover',
        class: 'reversible',
        why: says[how],
        params: { how, launch: agent.launches, grants: grantsOf(agent) },
      }),
      async check() {
        const now = ports.book.get(agent.agent_id)
        if (
          now === undefined ||
          now.launches !== agent.launches ||
          now.status === 'running' ||
          now.status === 'starting'
        )
          return refusal(
            'runs',
            `${agent.agent_id} runs; there is nothing to recover`,
            'vc agent restart, or vc agent stop',
          )
        if (how === 'resume' && now.session_id === null)
          return refusal('no_session', `${agent.agent_id} has no session vc could name`, '--fresh or --forget')
        return how === 'forget' ? null : (pausedRefusal(now) ?? noPlace(ports, now))
      },
      act: () =>
        how === 'forget'
          ? forget(ports, agent.agent_id, `forgotten by ${given.actor}`)
          : ports.book.inTurn(agent.agent_id, () =>
              startOver(ports, agent.agent_id, how, 'recover', `${how} by ${given.actor}`, {
                crashes_json: '[]',
                wanted: 'run',
              }),
            ),
    }
  }

/** What cannot be done as things stand is refused before a person is asked for a yes to it. */
const foreseen =
  (maker: DeedMaker): DeedMaker =>
  async (wish) => {
    const deed = await maker(wish)
    return deed.foresee === undefined ? { ...deed, foresee: async () => (await deed.check()) ?? [] } : deed
  }

/** Every verb of the engine, for the Doer. */
export const engineDeeds = (ports: EnginePorts, clis: readonly string[]): DeedMakers =>
  Object.fromEntries(Object.entries(makersOf(ports, clis)).map(([verb, maker]) => [verb, foreseen(maker)]))

const makersOf = (ports: EnginePorts, clis: readonly string[]): DeedMakers => ({
  'agent.spawn': spawnDeed(ports, clis),
  'agent.start': startDeed(ports),
  'agent.restart': restartDeed(ports),
  'agent.stop': stopDeed(ports),
  'agent.recover': recoverDeed(ports),
  'agent.pause': pauseDeed(ports),
  'agent.unpause': unpauseDeed(ports),
  'orphan.end': orphanDeed(ports),
})
