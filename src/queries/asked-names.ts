import { AGENT_ROLES, ROLE_LABELS, TASK_TYPES } from '../core/agent-role.ts'
import { usageError } from '../core/errors.ts'
import { nameList, nearestName } from '../core/nearest.ts'
import { displayText } from '../core/text.ts'
import { builtInRules } from '../oracle/rules/index.ts'
import { type NamedKind, namesEverMet } from '../store/index.ts'
import { type Query, type QueryContext, warning } from './define.ts'
import { chooseAgent } from './explain.ts'
import { readAgentNames } from './rows-evidence.ts'

/** What a parameter names, and whether vc can know all of its kind. */
interface NameSet {
  /** What such a thing is called in a sentence. */
  readonly what: string
  /** Nothing can bear a name that is not known: it is refused. Otherwise the answer says that nobody ever met it. */
  readonly closed: boolean
  /** All there are; of agents, which are too many to read, those that a name may mean, or is near to. */
  known(ctx: QueryContext, asked: string): Promise<Known>
  /** Whether a name that is asked for means a known one; by default they are the same. */
  fits?(asked: string, name: string): boolean
}

interface Known {
  readonly names: readonly string[]
  /** How many there are where the names are not all. */
  readonly total?: number
}

const met = (kind: NamedKind, more: (ctx: QueryContext) => readonly string[] = () => []) => ({
  known: async (ctx: QueryContext) => ({ names: [...new Set([...more(ctx), ...(await namesEverMet(ctx.db, kind))])] }),
})
const open = (what: string, kind: NamedKind, more: readonly string[] = []): NameSet => ({
  ...{ what, closed: false },
  ...met(kind, () => more),
})

const AGENTS: NameSet = {
  ...{ what: 'agent', closed: false },
  known: async (ctx, asked) => {
    const { agents, total } = await readAgentNames(ctx, null, asked)
    return { names: agents.map(({ agentId }) => agentId).sort(), total }
  },
}
const shortId = (id: string): string => id.slice(id.indexOf('/') + 1)

const TAGS: NameSet = {
  ...{ what: 'tag', closed: true },
  ...met('tag', ({ plan }) => plan.machines.flatMap(({ tags }) => tags ?? [])),
}
const RULES: NameSet = {
  ...{ what: 'rule', closed: true },
  ...met('rule', ({ plan }) => [...builtInRules.map(({ id }) => id), ...(plan.ownRules ?? [])]),
}
const ROLES: NameSet = {
  ...{ what: 'role', closed: true },
  ...met('role', () => [...Object.keys(AGENT_ROLES), ...Object.keys(ROLE_LABELS)]),
}
const SECTIONS: NameSet = {
  what: 'section',
  closed: true,
  known: async ({ ownConfig }) => ({
    names: ownConfig?.().sections.map(({ header }) => header.replaceAll(/[[\]]/g, '')) ?? [],
  }),
  fits: (asked, name) => `[[${name}]]`.toLowerCase().includes(asked.toLowerCase()),
}
const AGENTS_BY_BEGINNING: NameSet = {
  ...AGENTS,
  fits: (asked, id) => id.startsWith(asked) || shortId(id).startsWith(asked),
}
const STANDINGS = ['ready', 'in_progress', 'blocked', 'deferred', 'held', 'done']

/** By topic and parameter. A text parameter of a query that stands neither here nor among those that name nothing fails a test. */
export const NAME_SETS: Readonly<Record<string, NameSet>> = {
  'machines.tag': TAGS,
  'alerts.rule': RULES,
  'config.section': SECTIONS,
  'engine.role': ROLES,
  // Whoever claims says its role itself.
  'missions.role': { ...ROLES, closed: false },
  'accounts.provider': open('provider', 'account_provider'),
  'forecast.provider': open('provider', 'account_provider'),
  'network.provider': open('provider', 'network_provider', ['unknown']),
  'beads.repo': open('project', 'issue_project'),
  'beads.status': open('status', 'issue_status', STANDINGS),
  'mail.project': open('project', 'mail_project'),
  'dna.project': open('project', 'work_project'),
  'engine.agent': AGENTS_BY_BEGINNING,
  'audit.agent': AGENTS,
  'missions.agent': {
    ...AGENTS,
    known: async (ctx, asked) => {
      const agents = await AGENTS.known(ctx, asked)
      const claimed = await namesEverMet(ctx.db, 'mission_agent')
      return { ...agents, names: [...new Set([...agents.names, ...claimed])] }
    },
  },
  'missions.convoy': open('convoy', 'convoy'),
  'missions.type': open('type', 'mission_type', TASK_TYPES),
}

/** Where one agent is meant, it may be named as everywhere: by an alias, or by a beginning that only one has. */
const ONE_AGENT: ReadonlySet<string> = new Set(['audit.agent', 'missions.agent'])

const wholeAgent = async (asked: string, { names }: Known, ctx: QueryContext): Promise<string | null> => {
  if (names.includes(asked)) return asked
  try {
    return chooseAgent(asked, await readAgentNames(ctx, null, asked))
  } catch (error) {
    if ((error as { code?: string }).code === 'unknown_agent') return null
    throw error
  }
}

const quoted = (text: string): string => `“${displayText(text, 64)}”`

const HASH = /^[0-9a-f]{40,}$/

/** The nearest name and all there are, as somebody would type them. */
const told = ({ what }: NameSet, asked: string, { names, total }: Known) => {
  const typed = names.filter((name) => !HASH.test(name))
  const near = nearestName(asked, what === 'agent' ? typed.flatMap((id) => [id, shortId(id)]) : typed)
  return { near, all: `${what}s: ${nameList(typed, total === undefined ? undefined : Math.max(total, typed.length))}` }
}

const refusal = (set: NameSet, asked: string, known: Known): Error => {
  const { near, all } = told(set, asked, known)
  const meant = near === null ? '' : `; did you mean ${near}?`
  return usageError(`unknown_${set.what}`, `there is no ${set.what} ${quoted(asked)}${meant}`, all)
}

const neverMet = (set: NameSet, asked: string, known: Known): string => {
  const { near, all } = told(set, asked, known)
  const sentence = `nothing was ever seen of ${set.what === 'agent' ? 'an' : 'a'} ${set.what} ${quoted(asked)}`
  return warning(`unknown_${set.what}`, sentence, near === null ? all : `did you mean ${near}?`)
}

export interface Meant<Params> {
  /** As they were given, but for agents, which are named whole. */
  readonly params: Params
  readonly warnings: readonly string[]
}

/**
 * What the names of a question mean. An answer about a name that nobody bears would look like one where nothing happens: a name
 * of a closed set throws a usage error with the nearest one, any other is warned of.
 */
export const meantNames = async <Params>(query: Query, params: Params, ctx: QueryContext): Promise<Meant<Params>> => {
  const meant: Record<string, unknown> = {}
  const warnings: string[] = []
  for (const [name, asked] of Object.entries(params ?? {})) {
    const key = `${query.name}.${name}`
    const set = Object.hasOwn(NAME_SETS, key) ? NAME_SETS[key] : undefined
    if (set === undefined || typeof asked !== 'string') continue
    const known = await set.known(ctx, asked)
    const { fits = (one, other) => one === other } = set
    const whole = ONE_AGENT.has(key) ? await wholeAgent(asked, known, ctx) : null
    if (whole !== null) meant[name] = whole
    else if (known.names.some((one) => fits(asked, one))) continue
    else if (set.closed) throw refusal(set, asked, known)
    else warnings.push(neverMet(set, asked, known))
  }
  return { params: { ...params, ...meant }, warnings }
}
