import * as z from 'zod'
import { usageError } from '../../core/errors.ts'
import { SAFE_NAME } from '../../core/ids.ts'
import { LANES, PRIORITIES } from '../../core/missions/mission.ts'
import { typedText } from '../../core/quoted-text.ts'
import { redact } from '../../core/redact.ts'
import { displayText } from '../../core/text.ts'

export const TEXT_CHARS = 32_000
const PAYLOAD_CHARS = 16_000
const DAY_MS = 86_400_000

/** How long a claim holds without a heartbeat, and how often a mission is tried again, where nobody said. */
export const DEFAULT_LEASE_MS = 15 * 60_000
export const DEFAULT_RETRIES = 2

const line = (max: number) =>
  z
    .string()
    .transform((text) => redact(displayText(typedText(text).replace(/\s+/g, ' ').trim(), max)))
    .refine((text) => text !== '', 'is empty')
const body = z
  .string()
  .max(TEXT_CHARS, `is longer than ${TEXT_CHARS} characters; put it into a file and name the file`)
  .transform((text) => redact(typedText(text).trimEnd()))
/** A result is never refused for its length: what is too much is cut, and says so. */
const report = z.string().transform((text) => {
  const clean = redact(typedText(text).trimEnd())
  return clean.length <= TEXT_CHARS
    ? clean
    : `${clean.slice(0, TEXT_CHARS)}\n[cut; the whole had ${clean.length} characters]`
})
const name = z
  .string()
  .max(128)
  .regex(SAFE_NAME, 'is not a name: letters, digits and . _ - / : @ %, beginning with one of the first two or _')
const word = z
  .string()
  .max(64)
  .regex(/^[A-Za-z][A-Za-z0-9_.:-]*$/, 'is not a word of letters, digits and _ . : -')
const span = (most: number) => z.number().int().min(1_000, 'is shorter than a second').max(most, 'is too long')
const tokens = z.number().int().min(0).nullable().default(null)

/** A JSON value as text, or the text of one. */
const payload = z
  .union([z.string(), z.record(z.string(), z.unknown()), z.array(z.unknown())])
  .transform((value, ctx) => {
    try {
      const text = JSON.stringify(typeof value === 'string' ? JSON.parse(value) : value)
      if (text.length <= PAYLOAD_CHARS) return redact(text)
      ctx.addIssue(`is longer than ${PAYLOAD_CHARS} characters`)
    } catch {
      ctx.addIssue('is not JSON')
    }
    return z.NEVER
  })

export const MissionWish = z.strictObject({
  title: line(200),
  prompt: body.nullable().default(null),
  context: body.nullable().default(null),
  payload: payload.nullable().default(null),
  type: word.transform((text) => text.toLowerCase()).default('general'),
  lane: z.enum(LANES).default('standard'),
  priority: z.enum(PRIORITIES).default('normal'),
  event_type: word.nullable().default(null),
  to_agent: name.nullable().default(null),
  to_role: word.nullable().default(null),
  machine: name.nullable().default(null),
  convoy: name.nullable().default(null),
  /** Name within one batch, so that others of the batch can depend on it. */
  ref: word.nullable().default(null),
  depends_on: z.array(name).max(200).default([]),
  /** Pending missions that shall wait on this one. */
  before: z.array(name).max(200).default([]),
  bead: z
    .strictObject({ id: name, project: z.string().max(4_096) })
    .nullable()
    .default(null),
  key: z.string().min(1).max(200).nullable().default(null),
  timeout_ms: span(30 * DAY_MS)
    .nullable()
    .default(null),
  lease_ms: span(7 * DAY_MS).default(DEFAULT_LEASE_MS),
  max_retries: z.number().int().min(0).max(100).default(DEFAULT_RETRIES),
})
export type MissionWish = z.output<typeof MissionWish>

export const AddWish = z.strictObject({
  missions: z.array(MissionWish).min(1, 'names no mission').max(10_000),
  convoy: z
    .strictObject({ title: line(200), lane: z.enum(LANES).default('standard') })
    .nullable()
    .default(null),
})

export const ClaimWish = z.strictObject({
  as: name,
  role: word.nullable().default(null),
  types: z.array(word).nullable().default(null),
  lanes: z.array(z.enum(LANES)).nullable().default(null),
  events: z.union([z.enum(['all', 'none', 'any']), z.array(word)]).default('none'),
  machine: name.nullable().default(null),
  mission: name.nullable().default(null),
})

const reporter = {
  mission: name,
  as: name.nullable().default(null),
  claim: z.string().max(64).nullable().default(null),
}
const spent = { input_tokens: tokens, output_tokens: tokens, cost_microusd: tokens }

export const HeartbeatWish = z.strictObject(reporter)
export const CompleteWish = z.strictObject({ ...reporter, ...spent, output: report.nullable().default(null) })
export const FailWish = z.strictObject({
  ...reporter,
  ...spent,
  code: word.default('failed'),
  message: line(500).nullable().default(null),
  output: report.nullable().default(null),
  recoverable: z.boolean().default(true),
})
export const CancelWish = z.strictObject({ mission: name, reason: line(500).nullable().default(null) })
export const RetryWish = z.strictObject({ mission: name })
export const FromBeadWish = z.strictObject({
  beads: z.array(z.string().min(1).max(200)).min(1, 'names no issue').max(500),
  project: z.string().max(4_096).nullable().default(null),
  machine: name.nullable().default(null),
  /** What all of them have in common: lane, addressee, limits. */
  with: z.record(z.string(), z.unknown()).default({}),
})
export const JoinWish = z.strictObject({ convoy: name, missions: z.array(name).min(1, 'names no mission').max(10_000) })

/** The only mission of a wish that was not checked yet; null: there is none, or several. */
const loneMission = (given: unknown): object | null => {
  if (typeof given !== 'object' || given === null || !('missions' in given)) return null
  const [first, ...more] = Array.isArray(given.missions) ? (given.missions as readonly unknown[]) : []
  return typeof first === 'object' && first !== null && more.length === 0 ? first : null
}

/** The help of the command that such a wish was typed with. */
export const addHelp = (given: unknown): string => {
  const lone = loneMission(given)
  const isEvent = lone !== null && 'event_type' in lone && typeof lone.event_type === 'string'
  return isEvent ? 'vc event emit --help' : 'vc mission add --help'
}

const valueAt = (given: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    given,
  )

const wrongWith = (issue: z.core.$ZodIssue | undefined, given: unknown): string =>
  issue?.code === 'invalid_value'
    ? `is one of ${issue.values.join(', ')}, not “${displayText(String(valueAt(given, issue.path)), 40)}”`
    : displayText(issue?.message ?? 'is not understood', 200)

/** What came in over a door, checked; a usage error names the field and what is wrong with it. */
export const understand = <Schema extends z.ZodType>(
  schema: Schema,
  given: unknown,
  help: string,
): z.output<Schema> => {
  const parsed = schema.safeParse(given)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  // Where one is given there is no first one to tell it from: whoever typed a command wrote no list.
  const where = issue?.path.join('.').replace(loneMission(given) === null ? '' : /^missions\.0\./, '') || 'it'
  throw usageError('bad_mission', `${displayText(where, 80)}: ${wrongWith(issue, given)}`, help)
}
