import * as z from 'zod'
import { usageError } from '../core/errors.ts'
import { nearestName } from '../core/nearest.ts'
import { displayText } from '../core/text.ts'
import type { Query } from '../queries/define.ts'
import { schemaVersion } from './envelope.ts'

/** JSON Schema of the whole envelope of one topic, from the zod source that describes the query. */
export const topicSchema = (query: Query): Record<string, unknown> => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: schemaVersion(query.name, query.version),
  title: query.summary,
  type: 'object',
  additionalProperties: false,
  required: ['schema_version', 'generated_at', 'data'],
  properties: {
    schema_version: { const: schemaVersion(query.name, query.version) },
    generated_at: { type: 'string', format: 'date-time' },
    data: withoutSchemaKey(z.toJSONSchema(query.data, { io: 'input' }) as Record<string, unknown>),
    staleness: { type: 'object', additionalProperties: { type: 'integer', minimum: 0 } },
    warnings: { type: 'array', items: { type: 'string' } },
  },
})

const withoutSchemaKey = ({ $schema, ...schema }: Record<string, unknown>): Record<string, unknown> => schema

const paramsOf = (query: Query): string[] =>
  query.params instanceof z.ZodObject ? Object.keys(query.params.shape) : []

export const topics = (queries: readonly Query[]): string =>
  queries.map((query) => `${query.name}\t${query.summary}\t${paramsOf(query).join(' ')}`).join('\n')

interface ParamShape {
  readonly description?: string
  readonly default?: unknown
  readonly enum?: readonly string[]
  readonly type?: string | readonly string[]
}

const valuesOf = ({ enum: choices, type }: ParamShape): string => {
  if (choices !== undefined) return ` ${choices.join('|')}`
  if (Array.isArray(type)) return ''
  return type === 'string' ? ' <text>' : ' <number>'
}

const paramLine = ([name, shape]: [string, ParamShape], needed: readonly string[]): string => {
  const { description, default: usual } = shape
  const rest = [
    description,
    needed.includes(name) ? 'needed' : usual === undefined || usual === false ? null : `default ${usual}`,
  ]
  return [`  --${name}${valuesOf(shape)}`, rest.filter((part) => part).join('; ')]
    .filter((part) => part !== '')
    .join('  ')
}

/** One topic with what each of its parameters takes. */
const topicPage = (query: Query): string => {
  const { properties = {}, required = [] } = z.toJSONSchema(query.params, { io: 'input' }) as {
    readonly properties?: Readonly<Record<string, ParamShape>>
    readonly required?: readonly string[]
  }
  return [topics([query]), ...Object.entries(properties).map((one) => paramLine(one, required))].join('\n')
}

/** Ids of this fleet, where whoever asks knows some; an example with them can be run as it stands. */
export interface KnownIds {
  readonly machine?: string | undefined
  readonly agent?: string | undefined
}

/** Topics whose example names one thing, and where ids of such things are told. */
const ABOUT_ONE: Readonly<Record<string, { readonly id: keyof KnownIds; readonly from: string }>> = {
  machine: { id: 'machine', from: 'vc robot machines' },
  explain: { id: 'agent', from: 'vc robot agents' },
}

export const examples = (queries: readonly Query[], known: KnownIds = {}): string =>
  queries.map((query) => commandOf(query, known)).join('\n')

const commandOf = (query: Query, known: KnownIds): string => {
  const { id, ...rest } = query.example
  const flags = Object.entries(rest).map(([name, value]) => ` --${name} ${String(value)}`)
  const about = ABOUT_ONE[query.name]
  const real = about === undefined ? undefined : known[about.id]
  const named = real ?? id
  const hint = about !== undefined && real === undefined ? `   # ids: ${about.from}` : ''
  return `vc robot ${query.name}${named === undefined ? '' : ` ${String(named)}`}${flags.join('')} --json${hint}`
}

// What follows a colon or a side clause is for those who ask for the page of topics.
const brief = ({ summary }: Query): string => summary.split(/[:;]|, (?:and|with|which|their|by) /)[0] ?? summary

const shortOf = (query: Query): string => {
  const params = paramsOf(query).filter((name) => !USUAL.has(name))
  return `- ${query.name}${params.length === 0 ? '' : ` (${params.join(' ')})`}: ${brief(query)}`
}

/** Said once in the guide instead of on every line; `all` says itself. */
const USUAL: ReadonlySet<string> = new Set(['at', 'machine', 'since', 'limit', 'all'])

/** Teaches an agent the whole robot surface; kept under 1,000 tokens by a test. */
export const guide = (queries: readonly Query[]): string => `# vc for agents
vc watches a fleet of machines and coding agents on them. You may read and propose; people act.

vc robot <topic> [--json | --format json|toon|brief] [--param value …]
stdout is one envelope: {schema_version, generated_at, data, staleness?, warnings?}; diagnostics: stderr.
staleness = seconds since each source last succeeded. warnings = "<code>: <sentence> (<what to do>)".
brief: W = codes of warnings, AGE:? = not known yet.
Null means unknown, never zero. What is not collected counts 0, with a warning.

Start: vc robot triage --limit 5 --format toon  (what to do next, and why)
Then: vc robot health --format brief  (the fleet in one line)

Topics:
${queries.map(shortOf).join('\n')}

Most take --machine, --since, --limit, --at (2h or ISO: the past, or no_history); all: vc robot-docs topics [topic].
--require-fresh: exit 3 when anything is stale or unreachable.
vc explain <agent> [--json]: looks at it now, and tells what lost, too.
vc query "SELECT …" --format json: read-only SQL over a snapshot. vc watch: a stream of changes.
vc robot-docs schemas [topic]: JSON Schema of each answer.
States of agents: working needs_approval asked_question turn_finished idle rate_limited failed stalled dead unknown.
Exit codes: 0 answered, 1 fault, 2 usage, 3 stale, 4 refused, 5 effect unknown, 124 timed out.
`

const PAGES = ['schemas', 'examples', 'topics', 'guide'] as const

const unknownTopic = (topic: string, names: readonly string[]): Error => {
  const near = nearestName(topic, names)
  return usageError(
    'unknown_topic',
    `there is no topic '${displayText(topic, 40)}'${near === null ? '' : `; did you mean ${near}?`}`,
    `topics: ${names.join(', ')}`,
  )
}

const unknownPage = (queries: readonly Query[], what: string): Error => {
  const asked = displayText(what, 40)
  const near = nearestName(what, PAGES)
  const pages = `pages: ${PAGES.join(', ')}`
  const fix = queries.some(({ name }) => name === what)
    ? `it is a topic: vc robot-docs topics ${asked}; ${pages}`
    : near === null
      ? pages
      : `did you mean '${near}'? ${pages}`
  return usageError('unknown_page', `robot-docs has no page '${asked}'`, fix)
}

/** One page of `vc robot-docs`. Throws a usage error for unknown pages and topics. */
export const robotDocs = (queries: readonly Query[], what: string, topic?: string, known: KnownIds = {}): string => {
  const page = PAGES.find((name) => name === what)
  if (!page) throw unknownPage(queries, what)
  if (page === 'guide' && topic !== undefined)
    throw usageError('guide_of_all', 'the guide is about all topics', `of one: vc robot-docs topics ${topic}`)
  if (page === 'guide') return guide(queries).trimEnd()
  const chosen = topic === undefined ? queries : queries.filter((query) => query.name === topic)
  if (chosen.length === 0)
    throw unknownTopic(
      topic ?? '',
      queries.map((query) => query.name),
    )
  if (page === 'topics') return topic === undefined ? topics(chosen) : chosen.map(topicPage).join('\n')
  if (page === 'examples') return examples(chosen, known)
  return JSON.stringify(
    topic === undefined
      ? Object.fromEntries(chosen.map((query) => [query.name, topicSchema(query)]))
      : chosen.map(topicSchema)[0],
    null,
    2,
  )
}

/** File name to text of every published schema; the checked-in copies must equal them. */
export const goldenSchemas = (queries: readonly Query[]): Record<string, string> =>
  Object.fromEntries(
    queries.map((query) => [
      `${query.name}.v${query.version}.json`,
      `${JSON.stringify(topicSchema(query), null, 2)}\n`,
    ]),
  )
