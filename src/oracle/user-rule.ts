import { type Condition, readCondition, UnknownName, type Value } from '../core/condition.ts'
import { displayText } from '../core/text.ts'
import type { Finding, Rule, Severity } from './rule.ts'

export type UserRow = Readonly<Record<string, unknown>>

/** The rows a rule of vc.toml is asked about, and those of some minutes ago for `change(…)`; null: not known now. */
export interface UserPicture {
  readonly rows: readonly UserRow[] | null
  readonly earlier: readonly UserRow[] | null
}

/** One `[[rules]]` block. */
export interface UserRuleSpec {
  readonly id: string
  readonly when: string
  readonly severity: Severity
  readonly title: string | null
  /** Column that names the machine; null: `machine`, `machine_id` or `id` where a row has it. */
  readonly machine: string | null
  /** Column that tells rows of one machine apart. */
  readonly subject: string | null
  readonly absent: boolean
  readonly hold_seconds: number
  readonly clear_seconds: number
}

/** `user:`, so that no rule of a person can be taken for one of vc. */
export const userRuleId = (id: string): string => `user:${id}`

const plain = (value: unknown): Value | undefined => {
  if (value === undefined) return undefined
  if (typeof value === 'bigint') return Number(value)
  return typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean' ? value : null
}

/** `load.five` walks into objects; own keys only. */
export const columnOf = (row: UserRow, name: string): Value | undefined => {
  if (Object.hasOwn(row, name)) return plain(row[name])
  let here: unknown = row
  for (const step of name.split('.')) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, step)) return undefined
    here = (here as UserRow)[step]
  }
  return plain(here)
}

const MACHINE_COLUMNS = ['machine', 'machine_id']

const machineOf = (row: UserRow, spec: UserRuleSpec): string | null => {
  for (const name of spec.machine === null ? MACHINE_COLUMNS : [spec.machine]) {
    const value = columnOf(row, name)
    if (typeof value === 'string' && value !== '') return value
  }
  return null
}

const SUBJECTS = ['id', 'agent', 'agent_id', 'account', 'name', 'path', 'source']

const subjectOf = (row: UserRow, spec: UserRuleSpec): string => {
  for (const name of spec.subject === null ? SUBJECTS : [spec.subject]) {
    const value = columnOf(row, name)
    if (value !== undefined && value !== null) return displayText(String(value), 120)
  }
  return 'row'
}

const keyOf = (row: UserRow, spec: UserRuleSpec): string => `${machineOf(row, spec) ?? '-'} ${subjectOf(row, spec)}`

const shown = (value: Value | undefined): string =>
  typeof value === 'number' ? String(Math.round(value * 100) / 100) : String(value ?? 'unknown')

/** `{column}` in a title is the row's value. */
const titleOf = (row: UserRow, spec: UserRuleSpec, subject: string): string =>
  displayText(
    spec.title === null
      ? `${spec.id}: ${subject} (${spec.when})`
      : spec.title.replace(/\{([A-Za-z0-9_.]{1,64})\}/g, (_, name: string) => shown(columnOf(row, name))),
  )

const broken = (spec: UserRuleSpec, why: string): Finding => ({
  machineId: null,
  subject: 'rule',
  severity: 'info',
  title: `rule ${spec.id} of vc.toml cannot be judged: ${displayText(why)}`,
  evidence: { when: spec.when, why: displayText(why) },
})

const findingOf = (row: UserRow, spec: UserRuleSpec, names: readonly string[]): Finding => {
  const subject = subjectOf(row, spec)
  return {
    machineId: machineOf(row, spec),
    subject,
    severity: spec.severity,
    title: titleOf(row, spec, subject),
    evidence: Object.fromEntries(names.map((name) => [name, columnOf(row, name) ?? null])),
  }
}

const judgeRows = (spec: UserRuleSpec, condition: Condition, picture: UserPicture): readonly Finding[] | null => {
  const { rows, earlier } = picture
  if (rows === null) return null
  const before = new Map((earlier ?? []).map((row) => [keyOf(row, spec), row]))
  const matching = rows.filter((row) => {
    const past = before.get(keyOf(row, spec))
    const around = {
      // A column that other rows have is unknown here; one that no row has is a slip.
      value: (name: string) =>
        columnOf(row, name) ?? (rows.some((one) => columnOf(one, name) !== undefined) ? null : undefined),
      earlier: (name: string) => (past === undefined ? undefined : columnOf(past, name)),
    }
    return condition.evaluate(around) === true
  })
  if (!spec.absent) return matching.map((row) => findingOf(row, spec, condition.names))
  if (matching.length > 0) return []
  const title = displayText(spec.title ?? `${spec.id}: nothing matches ${spec.when}`)
  return [{ machineId: null, subject: 'absent', severity: spec.severity, title, evidence: { rows: rows.length } }]
}

/** A block of vc.toml as a rule like any other. Throws ConditionError when its condition cannot be read. */
export const userRule = (spec: UserRuleSpec): Rule<UserPicture> => {
  const condition = readCondition(spec.when)
  return {
    id: userRuleId(spec.id),
    about: `${spec.when} (vc.toml)`,
    holdMs: spec.hold_seconds * 1000,
    clearMs: spec.clear_seconds * 1000,
    judge(picture) {
      try {
        return judgeRows(spec, condition, picture)
      } catch (error) {
        if (error instanceof UnknownName) return [broken(spec, error.message)]
        throw error
      }
    },
  }
}
