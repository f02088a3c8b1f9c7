import * as z from 'zod'
import type { AskRequest, Reply } from '../core/carrier.ts'
import { EXIT, usageError, VcError } from '../core/errors.ts'
import { momentWords } from '../core/moment.ts'
import { nameList, nearestName } from '../core/nearest.ts'
import { displayText } from '../core/text.ts'
import { machineById, machineIdsEverKnown } from '../store/index.ts'
import { meantNames } from './asked-names.ts'
import type { Query, QueryContext } from './define.ts'
import { warning } from './define.ts'
import { leftMachines } from './fleet-rows.ts'
import { neededFix } from './needed.ts'
import { refuseNotLoaded } from './not-loaded.ts'
import { momentOf, namesIn } from './params.ts'
import { reachOf } from './reach.ts'

const unknownTopic = (topic: string, queries: readonly Query[]): Error => {
  const names = queries.map((query) => query.name)
  const near = nearestName(topic, names)
  return usageError(
    'unknown_topic',
    `there is no topic “${displayText(topic, 40)}”${near ? `; did you mean ${near}?` : ''}`,
    `topics: ${names.join(', ')}`,
  )
}

// What every door takes besides the parameters of a topic.
const OF_THE_DOOR = ['format', 'json', 'require-fresh']

const quoted = (value: unknown): string => `“${displayText(String(value), 40)}”`

const isMissing = (issue: z.core.$ZodIssue | undefined, given: AskRequest['params']): boolean =>
  issue?.code === 'invalid_type' && given[String(issue.path[0])] === undefined

const problemOf = (
  issue: z.core.$ZodIssue | undefined,
  known: readonly string[],
  given: AskRequest['params'],
): string => {
  if (issue?.code === 'unrecognized_keys') {
    const wrong = issue.keys[0] ?? ''
    // What stands behind the topic without a flag comes as `id`.
    if (wrong === 'id')
      return `nothing is asked for by a name alone, as ${quoted(given.id)}${known.includes('machine') ? '; a machine: --machine <id>' : ''}`
    const near = nearestName(wrong, [...known, ...OF_THE_DOOR])
    return `there is no parameter “${displayText(wrong, 40)}”${near ? `; did you mean ${near}?` : ''}`
  }
  const where = issue?.path.join('.') || 'parameters'
  const value = given[where]
  if (isMissing(issue, given)) return `${where} is needed`
  if (issue?.code === 'invalid_type' && /^(?:number|int)$/.test(issue.expected))
    return `${where} is a whole number, not ${quoted(value)}`
  if (issue?.code === 'invalid_union') return `${where} is true or false, not ${quoted(value)}`
  if (issue?.code === 'too_small' && issue.origin !== 'string') return `${where} is at least ${issue.minimum}`
  if (issue?.code === 'too_big' && issue.origin !== 'string') return `${where} is at most ${issue.maximum}`
  if (issue?.code === 'invalid_value') {
    const near = nearestName(String(value), issue.values.map(String))
    return `${where} is one of ${issue.values.join(', ')}, not ${quoted(value)}${near ? `; did you mean ${near}?` : ''}`
  }
  return `${where}: ${issue?.message ?? 'not understood'}`
}

const badParams = async (
  query: Query,
  { issues: [issue] }: z.ZodError,
  given: AskRequest['params'],
  ctx: QueryContext,
): Promise<Error> => {
  const known = query.params instanceof z.ZodObject ? Object.keys(query.params.shape) : []
  const fix = isMissing(issue, given)
    ? await neededFix(query, String(issue?.path[0]), ctx)
    : `parameters: ${known.join(', ') || 'none'}`
  return usageError('bad_params', `${query.name}: ${problemOf(issue, known, given)}`, fix)
}

// Where one machine is asked about, a list would be taken for an id, and answered with a machine where nothing happens.
const namedMachines = (query: Query, params: unknown): readonly string[] => {
  if (typeof params !== 'object' || params === null || !('machine' in params)) return []
  if (typeof params.machine !== 'string') return []
  return query.manyMachines === true ? namesIn(params.machine) : [params.machine]
}

// An answer about a machine that does not exist would look like a machine where nothing happens.
const refuseUnknownMachines = async (query: Query, params: unknown, ctx: QueryContext): Promise<void> => {
  const named = namedMachines(query, params)
  if (named.length === 0) return
  const configured = ctx.plan.machines.map((machine) => machine.machineId)
  if (named.every((id) => configured.includes(id))) return
  const known = new Set([...configured, ...(await machineIdsEverKnown(ctx.db))])
  const wrong = named.find((id) => !known.has(id))
  if (wrong === undefined) return
  if (query.manyMachines !== true && namesIn(wrong).every((id) => known.has(id)))
    throw usageError(
      'one_machine',
      `${query.name} is asked about one machine at a time, not “${displayText(wrong, 64)}”`,
      `ask for each by itself, or leave machine out: machines: ${nameList([...known])}`,
    )
  // In the past one that left vc.toml may be meant; now it would only be answered with what was before.
  const past = (params as { readonly at?: string }).at !== undefined
  if (!past) await refuseNotLoaded(ctx, wrong)
  const offered = past || configured.length === 0 ? [...known] : configured
  const near = nearestName(wrong, offered)
  throw usageError(
    'unknown_machine',
    `no machine is called “${displayText(wrong, 64)}”${near ? `; did you mean ${near}?` : ''}`,
    `machines: ${nameList(offered)}`,
  )
}

// Of what looks at the present only, the past is not guessed.
const refusePast = (query: Query, params: AskRequest['params']): void => {
  if (params.at === undefined || !(query.params instanceof z.ZodObject) || 'at' in query.params.shape) return
  const [why, fix] =
    'from' in query.params.shape
      ? ['it is asked from one time to another, not at one', `${query.name} --from 2h --to 1h`]
      : ['this topic looks at the present only', 'leave at out']
  throw new VcError('no_history', `${query.name} cannot be told for that time: ${why}`, fix, { exitCode: EXIT.refused })
}

/** An answer about the past says so before anything else: nobody may take it for now. */
const pastWarning = (params: unknown, now: Date): readonly string[] => {
  const asked = params as { readonly at?: string | undefined }
  const at = typeof params === 'object' && params !== null && typeof asked.at === 'string' ? momentOf(asked, now) : null
  if (at === null) return []
  return [warning('past', `this is how it was at ${momentWords(at, now)}, not now`, 'leave at out for now')]
}

/** What is told of a machine by name that nobody looks at is its past, also where the question is about now. */
const notLookedAt = async (query: Query, params: unknown, ctx: QueryContext): Promise<readonly string[]> => {
  const enabled = new Set(ctx.plan.machines.flatMap((one) => (one.enabled ? [one.machineId] : [])))
  const named = namedMachines(query, params).filter((id) => !enabled.has(id))
  if (named.length === 0 || (params as { readonly at?: string }).at !== undefined) return []
  const left = await leftMachines(ctx, null)
  const rows = await Promise.all(named.filter((id) => left.has(id)).map((id) => machineById(ctx.db, id)))
  return rows.flatMap((row) => {
    if (row === null) return []
    const gone =
      row.removed_at === null
        ? 'it left vc.toml'
        : `it left vc.toml at ${momentWords(new Date(row.removed_at), ctx.now)}`
    const [why, fix] = ctx.plan.machines.some(({ machineId }) => machineId === row.machine_id)
      ? ['it is disabled in vc.toml', `vc machines enable ${row.machine_id}`]
      : [gone, `vc machines add ${row.machine_id} <ssh target>`]
    return [
      warning('not_looked_at', `nobody looks at ${row.machine_id} any more: ${why}; what is told is from before`, fix),
    ]
  })
}

/** Answers one question over the store. Throws usage errors for unknown topics and parameters. */
export const answer = async (queries: readonly Query[], request: AskRequest, ctx: QueryContext): Promise<Reply> => {
  const query = queries.find((candidate) => candidate.name === request.topic)
  if (!query) throw unknownTopic(request.topic, queries)
  refusePast(query, request.params)
  const params = query.params.safeParse(request.params)
  if (!params.success) throw await badParams(query, params.error, request.params, ctx)
  await refuseUnknownMachines(query, params.data, ctx)
  const meant = await meantNames(query, params.data, ctx)
  const [loaded, reach, left] = await Promise.all([
    query.load(meant.params, ctx),
    reachOf(query, meant.params, ctx),
    notLookedAt(query, params.data, ctx),
  ])
  const warnings = [
    ...pastWarning(params.data, ctx.now),
    ...left,
    ...meant.warnings,
    ...(loaded.warnings ?? []),
    ...reach.warnings,
  ]
  const staleness = loaded.staleness ?? (query.sources && reach.staleness)
  return {
    topic: query.name,
    version: query.version,
    generatedAt: ctx.now.toISOString(),
    data: loaded.data,
    ...(staleness ? { staleness } : {}),
    ...(warnings.length ? { warnings } : {}),
  }
}
