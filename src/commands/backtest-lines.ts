import * as z from 'zod'
import { parseInstant } from '../collectors/accounts/instant.ts'
import { usageError } from '../core/errors.ts'
import type { UsageObservation } from '../oracle/forecast/observation.ts'

const instant = z.unknown().transform((value, ctx) => {
  const at = parseInstant(value)
  if (at !== null) return at
  ctx.addIssue({ code: 'custom', message: 'is no time (ISO 8601, or epoch seconds or milliseconds)' })
  return z.NEVER
})

const word = z.string().min(1).max(500)
const maybeWord = z
  .union([z.string(), z.number(), z.boolean()])
  .nullish()
  .transform((value) => (value == null ? null : String(value)))

/** The normal form of accounts; what a forecast does not need may be left out, unknown keys are ignored. */
const observationLine = z.object({
  machine: z.string().default(''),
  provider: z.string().default(''),
  account_key: word,
  account_label: maybeWord,
  limit_id: z
    .string()
    .nullish()
    .transform((value) => value ?? ''),
  window: word,
  used_pct: z
    .number()
    .nullish()
    .transform((value) => value ?? null),
  resets_at: instant.nullish().transform((value) => value ?? null),
  observed_at: instant,
  source: z.string().default(''),
  source_rank: z.number().default(10),
  plan: maybeWord,
  credits: maybeWord,
  status: maybeWord,
})

const atLine = z.object({ account_key: word, limit_id: z.string().optional(), window: word, at: instant })

/** A moment at which a forecast of one window is asked for. */
export type BacktestInstant = z.output<typeof atLine>

function readLines<Schema extends z.ZodType>(text: string, file: string, schema: Schema): z.output<Schema>[] {
  return text.split('\n').flatMap((line, at) => {
    if (line.trim() === '') return []
    const fail = (why: string): never => {
      throw usageError('bad_line', `${file}:${at + 1}: ${why}`, 'one JSON object a line, keys as in docs/oracle.md')
    }
    let json: unknown
    try {
      json = JSON.parse(line)
    } catch (error) {
      return fail(`no JSON: ${error instanceof Error ? error.message : String(error)}`)
    }
    const read = schema.safeParse(json)
    if (read.success) return [read.data]
    const issue = read.error.issues[0]
    return fail(`${issue?.path.join('.') || 'the line'}: ${issue?.message ?? 'is wrong'}`)
  })
}

/** Observations, one JSON object a line. Throws VcError `bad_line` naming file, line and key. */
export const readObservations = (text: string, file: string): readonly UsageObservation[] =>
  readLines(text, file, observationLine)

export const readInstants = (text: string, file: string): readonly BacktestInstant[] => readLines(text, file, atLine)
