import {
  countOf,
  flagOf,
  type JsonObject,
  objectOf,
  objectsOf,
  parseExact,
  stringOf,
  unknownFields,
} from '../foreign-json.ts'

/** One agent as gt tells of it. `state` is what it wrote of itself. */
export interface GtAgent {
  readonly address: string
  readonly rig: string | null
  readonly role: string
  readonly name: string | null
  readonly session: string | null
  readonly running: boolean | null
  readonly state: string | null
  readonly hasWork: boolean | null
  readonly hookBead: string | null
  readonly workTitle: string | null
  readonly info: string | null
}

export interface GtHook {
  readonly address: string
  readonly rig: string
  readonly role: string | null
  readonly hasWork: boolean | null
  readonly molecule: string | null
  readonly title: string | null
}

export interface GtQueue {
  readonly rig: string
  readonly pending: number | null
  readonly inFlight: number | null
  readonly blocked: number | null
  readonly state: string | null
  readonly health: string | null
}

export interface GtStatus {
  readonly is: 'status'
  readonly town: GtTown
  readonly agents: readonly GtAgent[]
  readonly hooks: readonly GtHook[]
  readonly queues: readonly GtQueue[]
  readonly unknown: number
}

export interface GtTown {
  readonly name: string
  readonly daemonRunning: boolean | null
  readonly doltRunning: boolean | null
  readonly doltPort: number | null
  readonly tmuxSocket: string | null
  readonly tmuxRunning: boolean | null
  readonly rigs: number | null
  readonly polecats: number | null
  readonly crew: number | null
  readonly activeHooks: number | null
}

/** Never throws. A document without `name`, `location` and `summary` is not gt's. Any list of Go may be null. */
export const parseGtStatus = (text: string): GtStatus | { readonly is: 'foreign' } => {
  const root = objectOf(parseExact(text))
  const name = stringOf(root?.name)
  const summary = objectOf(root?.summary)
  if (root === null || name === null || summary === null || stringOf(root.location, 4096) === null)
    return { is: 'foreign' }
  const rigs = objectsOf(root.rigs)
  const named = rigs.flatMap((rig) => {
    const rigName = stringOf(rig.name)
    return rigName === null ? [] : [{ rig, rigName }]
  })
  const all = [...objectsOf(root.agents), ...rigs.flatMap((rig) => objectsOf(rig.agents))]
  return {
    is: 'status',
    town: townOf(name, root, summary),
    agents: [
      ...objectsOf(root.agents).flatMap((agent) => agentOf(agent, null)),
      ...named.flatMap(({ rig, rigName }) => objectsOf(rig.agents).flatMap((agent) => agentOf(agent, rigName))),
    ],
    hooks: named.flatMap(({ rig, rigName }) => objectsOf(rig.hooks).flatMap((hook) => hookOf(hook, rigName))),
    queues: named.flatMap(({ rig, rigName }) => queueOf(objectOf(rig.mq), rigName)),
    unknown: unknownFields([root], ROOT) + unknownFields(rigs, RIG) + unknownFields(all, AGENT),
  }
}

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '))
const ROOT = words('name location overseer dnd daemon dolt tmux acp agents rigs summary')
const RIG = words('name polecats polecat_count crews crew_count has_witness has_refinery hooks agents mq')
const AGENT = words(
  'name address session role running acp has_work work_title hook_bead state notification_level unread_mail first_subject agent_alias agent_info',
)

const smallOf = (value: unknown): number | null => {
  const count = countOf(value)
  return count === null || count > 1_000_000 ? null : Number(count)
}

const townOf = (name: string, root: JsonObject, summary: JsonObject): GtTown => {
  const [daemon, dolt, tmux] = [objectOf(root.daemon), objectOf(root.dolt), objectOf(root.tmux)]
  return {
    name,
    daemonRunning: flagOf(daemon?.running),
    doltRunning: flagOf(dolt?.running),
    doltPort: smallOf(dolt?.port),
    tmuxSocket: stringOf(tmux?.socket_path, 4096) ?? stringOf(tmux?.socket),
    tmuxRunning: flagOf(tmux?.running),
    rigs: smallOf(summary.rig_count),
    polecats: smallOf(summary.polecat_count),
    crew: smallOf(summary.crew_count),
    activeHooks: smallOf(summary.active_hooks),
  }
}

/** gt names two town agents by their task; everybody else calls them by their name. */
const ROLES: Readonly<Record<string, string>> = { coordinator: 'mayor', 'health-check': 'deacon' }

const agentOf = (agent: JsonObject, rig: string | null): readonly GtAgent[] => {
  const address = stringOf(agent.address)
  if (address === null) return []
  const role = stringOf(agent.role, 40) ?? 'unknown'
  return [
    {
      address,
      rig,
      role: (Object.hasOwn(ROLES, role) ? ROLES[role] : undefined) ?? role,
      name: stringOf(agent.name),
      session: stringOf(agent.session),
      running: flagOf(agent.running),
      state: stringOf(agent.state, 40),
      hasWork: flagOf(agent.has_work),
      hookBead: stringOf(agent.hook_bead, 80),
      workTitle: stringOf(agent.work_title),
      info: stringOf(agent.agent_info, 80),
    },
  ]
}

const hookOf = (hook: JsonObject, rig: string): readonly GtHook[] => {
  const address = stringOf(hook.agent)
  if (address === null) return []
  const [role, molecule, title] = [stringOf(hook.role, 40), stringOf(hook.molecule, 80), stringOf(hook.title)]
  return [{ address, rig, role, hasWork: flagOf(hook.has_work), molecule, title }]
}

const queueOf = (mq: JsonObject | null, rig: string): readonly GtQueue[] =>
  mq === null
    ? []
    : [
        {
          rig,
          pending: smallOf(mq.pending),
          inFlight: smallOf(mq.in_flight),
          blocked: smallOf(mq.blocked),
          state: stringOf(mq.state, 40),
          health: stringOf(mq.health, 40),
        },
      ]
