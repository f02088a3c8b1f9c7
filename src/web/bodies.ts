import type { MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { AskRequest } from '../core/carrier.ts'
import { messageOf, usageError } from '../core/errors.ts'

// Far above the longest text anybody may send, far below what many clients at once could fill memory with.
const MAX_BODY_BYTES = 4 * 1_048_576

type Given = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Given =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw usageError('bad_body', `the request is no JSON: ${messageOf(error)}`, 'send one JSON object')
  }
}

/** Doors that are asked for one thing only, which their name says. */
const BARE: ReadonlySet<string> = new Set(['/v1/sql/snapshot', '/v1/backup'])

const small = bodyLimit({
  maxSize: MAX_BODY_BYTES,
  onError() {
    throw usageError(
      'body_too_large',
      `the request is larger than ${MAX_BODY_BYTES} bytes`,
      'send less at once, or name a file',
    )
  },
})

// Nobody reads this answer; as a fault of the daemon each client that was killed would be an error in its log.
const cutOff = (error: unknown): never => {
  if ((error as NodeJS.ErrnoException).code === 'ECONNRESET')
    throw usageError('bad_body', 'the request ended before its end', 'send it again')
  throw error
}

/** What a client sends is at most one small JSON object: anything else is a mistake of the client, no fault of the daemon. */
export const plainBodies: MiddlewareHandler = (c, next) =>
  small(c, async () => {
    const text = c.req.method === 'POST' ? await c.req.text().catch(cutOff) : ''
    const bare = text === '' && (c.req.method !== 'POST' || BARE.has(c.req.path))
    if (!bare && !isObject(parsed(text)))
      throw usageError('bad_body', 'the request is JSON, but no object', 'send one JSON object')
    await next()
  })

/** A question as the queries take it. */
export const questionOf = ({ topic, params = {} }: Given): AskRequest => {
  if (typeof topic === 'string' && isObject(params)) return { topic, params }
  throw usageError(
    'bad_question',
    'a question names its topic, and params as an object',
    '{"topic":"health","params":{}}',
  )
}
