import { usageError } from '../core/errors.ts'
import type { UserRow } from './user-rule.ts'

const isRow = (value: unknown): value is UserRow => typeof value === 'object' && value !== null && !Array.isArray(value)

const listsOf = (data: unknown): readonly string[] =>
  isRow(data) ? Object.keys(data).filter((name) => Array.isArray(data[name])) : []

/** The rows of an answer: the named list, its only list, or the answer itself. Throws a usage error naming the lists. */
export const rowsOf = (data: unknown, name: string | null): readonly UserRow[] => {
  if (Array.isArray(data)) return data.filter(isRow)
  if (!isRow(data)) throw usageError('no_rows', 'the answer has no rows', 'choose another query')
  const lists = listsOf(data)
  const wanted = name ?? (lists.length === 1 ? lists[0] : undefined)
  const list = wanted === undefined ? (name === null && lists.length === 0 ? [data] : undefined) : data[wanted]
  if (Array.isArray(list)) return list.filter(isRow)
  if (name !== null && isRow(list)) return [list]
  throw usageError(
    'which_rows',
    name === null ? 'the answer has several lists' : `the answer has no list '${name.slice(0, 64)}'`,
    lists.length === 0 ? 'leave rows out' : `write rows = "${lists.join('" or "')}"`,
  )
}
