import { type Acted, type ActWish, ADOPT_RULE, type DeedMakers, type Origin, type Proposal } from '../core/action.ts'
import { messageOf, usageError } from '../core/errors.ts'
import { K, type Log } from '../core/log.ts'
import { agentNamed, managedAgents, type Store } from '../store/index.ts'
import type { ActTokens } from './act-tokens.ts'
import { openAuditTrail } from './audit-trail.ts'
import { type CallerSays, lookAtCaller } from './caller-look.ts'
import { openDoer, type Proposed, type TargetFacts } from './doer.ts'

/** What vc.toml in force says of a machine. */
export interface WritableMachine {
  readonly id: string
  readonly enabled: boolean
  readonly allow_write_commands: boolean
  /** CLIs whose agents are adopted there without being asked for each. */
  readonly adopt?: readonly string[]
}

export interface ActingPorts {
  readonly store: Pick<Store, 'db' | 'write'>
  readonly machines: () => readonly WritableMachine[]
  readonly makers: DeedMakers
  readonly tokens: ActTokens
  readonly now: () => Date
  readonly log: Log
  readonly lookAtCaller?: typeof lookAtCaller
}

/** The doors' side of the Doer: what came over a socket is checked here, and who sent it is looked up. */
export interface Acting {
  propose(given: unknown): Promise<Proposed>
  confirm(given: unknown): Promise<Acted>
  /** vc itself, on a mandate of a person (`Proposal.mandate`); never reachable from a door. */
  byItself(wish: Omit<ActWish, 'origin' | 'actor'>): Promise<Acted>
  close(): Promise<void>
}

type Given = Readonly<Record<string, unknown>>

const objectOf = (given: unknown): Given => {
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) return given as Given
  throw usageError('bad_act', 'this is no action', 'vc agent --help')
}

const callerOf = ({ caller }: Given): CallerSays => {
  const { pid, terminal } = objectOf(caller)
  if (typeof pid === 'number' && Number.isSafeInteger(pid) && pid > 0) return { pid, terminal: terminal === true }
  throw usageError('bad_caller', 'an action must say which process asks', 'vc agent --help')
}

// The origin `guardian` is vc's own and cannot be claimed through a door.
const ORIGINS: Readonly<Record<string, Origin>> = { person: 'person', agent: 'agent' }

const wishOf = ({ verb, params, origin, actor }: Given): ActWish => {
  const from = typeof origin === 'string' && Object.hasOwn(ORIGINS, origin) ? ORIGINS[origin] : undefined
  if (typeof verb === 'string' && typeof actor === 'string' && from !== undefined)
    return { verb, params: objectOf(params), origin: from, actor }
  throw usageError('bad_act', 'this is no action', 'vc agent --help')
}

const AGENT_KINDS = new Set(['managed', 'adopted', 'observed'])

// What waits for its place in the pool has an id and no process yet.
const keptAgent = async (
  { store }: ActingPorts,
  machineId: string,
  agentId: string,
): Promise<NonNullable<TargetFacts['agent']> | null> => {
  const kept = await managedAgents(store.db, { machineId })
  return kept.some((one) => one.agent_id === agentId) ? { kind: 'managed', ended: false } : null
}

const targetFacts = async (ports: ActingPorts, { target }: Proposal): Promise<TargetFacts> => {
  const machine = ports.machines().find(({ id }) => id === target.machineId)
  const facts: TargetFacts = {
    machine:
      machine === undefined ? null : { enabled: machine.enabled, allowWriteCommands: machine.allow_write_commands },
  }
  if (target.agentId === null) return facts
  const row = await agentNamed(ports.store.db, target.agentId)
  if (row === null) return { ...facts, agent: await keptAgent(ports, target.machineId, target.agentId) }
  if (row.machine_id !== target.machineId) return { ...facts, agent: null }
  const kind = AGENT_KINDS.has(row.kind) ? (row.kind as 'managed' | 'adopted' | 'observed') : 'observed'
  return { ...facts, agent: { kind, ended: row.ended !== null } }
}

/** Whether vc.toml, as it is in force now, lets vc adopt this agent. */
const adoptsByRule = async ({ machines, store }: ActingPorts, { verb, target }: Proposal): Promise<boolean> => {
  if (verb !== 'agent.adopt' || target.agentId === null) return false
  const row = await agentNamed(store.db, target.agentId)
  const rule = machines().find(({ id }) => id === target.machineId)?.adopt ?? []
  return row !== null && row.machine_id === target.machineId && rule.includes(row.cli)
}

/** Opens the Doer over a store that this process owns. Intents that an owner before it left open become `outcome_unknown`. */
export const openActing = async (ports: ActingPorts): Promise<Acting> => {
  const { store, makers, tokens, now, log } = ports
  const look = ports.lookAtCaller ?? lookAtCaller
  const trail = openAuditTrail(store, now)
  // A full disk must not keep the owner from starting: what stays open is closed by the next one.
  const left = await trail.closeOpen().catch((error: unknown) => {
    log.error({ [K.detail]: messageOf(error) }, 'actions that were under way when vc ended were not closed')
    return []
  })
  if (left.length > 0)
    log.warn({ [K.detail]: left.join(' ') }, 'actions were under way when vc ended; what came of them is unknown')
  const grants: typeof trail.grants = (mandate, proposal) =>
    mandate === ADOPT_RULE ? adoptsByRule(ports, proposal) : trail.grants(mandate, proposal)
  const doer = openDoer({
    makers,
    tokens,
    trail: { ...trail, grants },
    target: (proposal) => targetFacts(ports, proposal),
  })
  return {
    async propose(given) {
      const body = objectOf(given)
      return doer.propose(wishOf(objectOf(body.wish)), await look(callerOf(body)))
    },
    async confirm(given) {
      const body = objectOf(given)
      if (typeof body.token !== 'string') throw usageError('bad_token', 'an answer must name its question', 'ask anew')
      return doer.confirm(body.token, body.yes === true, await look(callerOf(body)))
    },
    async byItself(wish) {
      const proposed = await doer.propose(
        { ...wish, origin: 'guardian', actor: 'vc' },
        { pid: null, agent: null, terminal: false },
      )
      // The gate asks nobody on behalf of the guardian: it lets through or refuses.
      if (proposed.verdict === 'ask') throw new Error('the gate asked for a person where there is none')
      return proposed.acted
    },
    close: () => doer.close(),
  }
}
