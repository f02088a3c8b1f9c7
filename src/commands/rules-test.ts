import * as z from 'zod'
import type { RuleConfig } from '../config/schema.ts'
import { EXIT, messageOf, VcError } from '../core/errors.ts'
import { type Alert, evaluate } from '../oracle/evaluate.ts'
import { rowsOf } from '../oracle/user-rows.ts'
import { type UserPicture, type UserRow, userRule, userRuleId } from '../oracle/user-rule.ts'

const SPAN = /^(\d{1,6})([smh])$/
const UNIT_S: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 }

const step = z.strictObject({
  /** `0m`, `5m`, `90s`: what stood from then on. */
  at: z.string().regex(SPAN),
  /** Query name to the data of its answer, as `vc robot <topic>` prints it. */
  answers: z.record(z.string(), z.unknown()),
  /** Ids that fire then; the rest of the alerts must not. */
  expect: z.array(z.string()).optional(),
})

export const rulesSample = z.strictObject({ steps: z.array(step).min(1).max(500) })

export interface StepReport {
  readonly at: string
  readonly firing: readonly string[]
  readonly pending: readonly string[]
  readonly titles: readonly string[]
  /** Null: the file expects nothing here. */
  readonly asExpected: boolean | null
  readonly missing: readonly string[]
  readonly unexpected: readonly string[]
  /** Rules that could not be asked, and why. */
  readonly troubles: readonly string[]
}

const secondsOf = (text: string): number => {
  const [, count, unit] = SPAN.exec(text) ?? []
  return Number(count) * (UNIT_S[unit ?? 's'] ?? 1)
}

/** Every 15 seconds of it are looked at. */
const LONGEST_S = 7 * 86_400

/** Reads the samples. Throws a usage error that names the place. */
export const readSample = (text: string, file: string): z.infer<typeof rulesSample> => {
  const refuse = (why: string): VcError =>
    new VcError('bad_sample', `${file}: ${why}`, 'see docs/alerts.md, "Trying your own rules"', {
      exitCode: EXIT.usage,
    })
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw refuse(`no JSON: ${messageOf(error)}`)
  }
  const read = rulesSample.safeParse(json)
  if (read.success) {
    const late = read.data.steps.findIndex((one) => secondsOf(one.at) > LONGEST_S)
    if (late !== -1) throw refuse(`steps.${late}.at: '${read.data.steps[late]?.at}' is later than seven days (168h)`)
    return read.data
  }
  const [issue] = read.error.issues
  throw refuse(`${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'not understood'}`)
}

/** Under which name a sample holds what a rule looks at: its query, or `sql:<rule>` for rows of its SQL. */
const answerName = (spec: RuleConfig): string => spec.query ?? `sql:${spec.id}`

const LOOK_S = 15
const CHANGE_S = 600

interface Pictures {
  readonly of: (spec: RuleConfig, atS: number) => UserPicture
  readonly troubles: (spec: RuleConfig, atS: number) => string | null
}

const picturesOf = (steps: readonly z.infer<typeof step>[]): Pictures => {
  const standing = (atS: number) => steps.findLast((one) => secondsOf(one.at) <= atS)
  const read = (spec: RuleConfig, atS: number): readonly UserRow[] | string | null => {
    const answers = standing(atS)?.answers
    const asked = answerName(spec)
    if (answers === undefined || !Object.hasOwn(answers, asked)) return null
    try {
      return rowsOf(answers[asked], spec.rows)
    } catch (error) {
      return `${spec.id}: ${messageOf(error)}`
    }
  }
  const rows = (spec: RuleConfig, atS: number): readonly UserRow[] | null => {
    const found = read(spec, atS)
    return typeof found === 'string' ? null : found
  }
  return {
    of: (spec, atS) => ({ rows: rows(spec, atS), earlier: atS < CHANGE_S ? null : rows(spec, atS - CHANGE_S) }),
    troubles: (spec, atS) => {
      const found = read(spec, atS)
      return typeof found === 'string' ? found : null
    },
  }
}

/** Plays the samples like a diary: what was said last stands, and rules look every 15 seconds, as they do in the daemon. */
export const testRules = (
  specs: readonly RuleConfig[],
  { steps: given }: z.infer<typeof rulesSample>,
): readonly StepReport[] => {
  const steps = given.toSorted((a, b) => secondsOf(a.at) - secondsOf(b.at))
  const rules = specs.filter((spec) => spec.enabled).map((spec) => ({ spec, rule: userRule(spec) }))
  const pictures = picturesOf(steps)
  const asked = new Set(specs.map(answerName))
  const unasked = ({ answers }: z.infer<typeof step>): readonly string[] =>
    Object.keys(answers)
      .filter((name) => !asked.has(name))
      .map((name) => `no rule asks for '${name}' (rules ask for: ${[...asked].join(', ') || 'nothing'})`)
  let alerts: readonly Alert[] = []
  let lookedS = Number.NEGATIVE_INFINITY
  const look = (atS: number): void => {
    alerts = rules.flatMap(({ spec, rule }) => {
      const known = alerts.filter((alert) => alert.rule === userRuleId(spec.id) && alert.status !== 'resolved')
      return evaluate([rule], pictures.of(spec, atS), known, atS * 1000)
    })
    lookedS = atS
  }
  return steps.map((one) => {
    const atS = secondsOf(one.at)
    if (lookedS !== Number.NEGATIVE_INFINITY) for (let s = lookedS + LOOK_S; s < atS; s += LOOK_S) look(s)
    look(atS)
    const firing = alerts.filter((alert) => alert.status === 'firing')
    const ids = firing.map((alert) => alert.alertId)
    const missing = (one.expect ?? []).filter((id) => !ids.includes(id))
    const unexpected = one.expect === undefined ? [] : ids.filter((id) => !one.expect?.includes(id))
    return {
      at: one.at,
      firing: ids,
      pending: alerts.filter((alert) => alert.status === 'pending').map((alert) => alert.alertId),
      titles: firing.map((alert) => alert.title),
      asExpected: one.expect === undefined ? null : missing.length + unexpected.length === 0,
      missing,
      unexpected,
      troubles: [
        ...rules.map(({ spec }) => pictures.troubles(spec, atS)).filter((why) => why !== null),
        ...unasked(one),
      ],
    }
  })
}
