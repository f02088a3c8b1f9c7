import { z } from 'zod'
import type { AskRequest, Reply } from '../core/carrier.ts'
import { usageError } from '../core/errors.ts'
import { nearestName } from '../core/nearest.ts'
import type { Query, QueryContext } from './define.ts'

const unknownTopic = (topic: string, queries: readonly Query[]): Error => {
  const names = queries.map((query) => query.name)
  const near = nearestName(topic, names)
  return usageError(
    'unknown_topic',
    `there is no topic “${topic}”${near ? `; did you mean ${near}?` : ''}`,
    `topics: ${names.join(', ')}`,
  )
}

const badParams = (query: Query, error: z.ZodError): Error => {
  const issue = error.issues[0]
  const where = issue?.path.join('.') || (issue?.code === 'unrecognized_keys' ? issue.keys.join(', ') : 'parameters')
  const known = query.params instanceof z.ZodObject ? Object.keys(query.params.shape).join(', ') : ''
  return usageError(
    'bad_params',
    `${query.name}: ${where}: ${issue?.message ?? 'not understood'}`,
    `parameters: ${known || 'none'}`,
  )
}

/** Answers one question over the store. Throws usage errors for unknown topics and parameters. */
export const answer = async (queries: readonly Query[], request: AskRequest, ctx: QueryContext): Promise<Reply> => {
  const query = queries.find((candidate) => candidate.name === request.topic)
  if (!query) throw unknownTopic(request.topic, queries)
  const params = query.params.safeParse(request.params)
  if (!params.success) throw badParams(query, params.error)
  const loaded = await query.load(params.data, ctx)
  return {
    topic: query.name,
    version: query.version,
    generatedAt: ctx.now.toISOString(),
    data: loaded.data,
    ...(loaded.staleness ? { staleness: loaded.staleness } : {}),
    ...(loaded.warnings?.length ? { warnings: loaded.warnings } : {}),
  }
}
