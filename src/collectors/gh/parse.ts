import type { Row } from '../../core/rows.ts'
import { displayText } from '../../core/text.ts'
import { flagOf, instantOf, type JsonObject, objectsOf, parseExact, stringOf } from '../foreign-json.ts'
import type { Section } from '../tool-sections.ts'

export type ItemKind = 'pr' | 'issue'

export type ItemsAnswer =
  | { readonly is: 'items'; readonly items: readonly Row[]; readonly skipped: number }
  | { readonly is: 'off' | 'not_found' }
  | { readonly is: 'auth' | 'failed' | 'rate_limited'; readonly words: string }

/** What one listing of gh said. Words of errors are gh's own, without anything that follows a URL's path. Never throws. */
export const parseItems = (section: Section, kind: ItemKind): ItemsAnswer => {
  const words = displayText(section.err.trim().split('\n')[0] ?? '', 160)
  if (section.code === 0) return itemsOf(section.out, kind)
  if (section.code === 4 || /gh auth login|HTTP 401|Bad credentials/i.test(section.err)) return { is: 'auth', words }
  if (/disabled issues/i.test(section.err)) return { is: 'off' }
  if (/Could not resolve to a Repository|HTTP 404/i.test(section.err)) return { is: 'not_found' }
  if (/rate limit/i.test(section.err)) return { is: 'rate_limited', words }
  const how =
    section.code === null || section.code === 124 || section.code === 137
      ? 'took too long'
      : `ended with ${section.code}`
  return { is: 'failed', words: words || `gh ${how}` }
}

const itemsOf = (out: string, kind: ItemKind): ItemsAnswer => {
  const list = parseExact(out)
  if (!Array.isArray(list)) return { is: 'failed', words: 'gh printed something else than a list' }
  const rows = objectsOf(list).map((item) => itemOf(item, kind))
  const items = rows.filter((row) => row !== null)
  return { is: 'items', items, skipped: list.length - items.length }
}

const WORD = /^[A-Za-z_]{1,30}$/
const lowerWord = (value: unknown): string | null =>
  typeof value === 'string' && WORD.test(value) ? value.toLowerCase() : null

const itemOf = (item: JsonObject, kind: ItemKind): Row | null => {
  const { number } = item
  if (typeof number !== 'number' || !Number.isInteger(number) || number < 1 || number > 2 ** 31 - 1) return null
  const labels = (Array.isArray(item.labels) ? item.labels : []).map((label) => stringOf(label, 60)).slice(0, 20)
  return {
    kind,
    number,
    title: stringOf(item.title),
    state: lowerWord(item.state),
    is_draft: kind === 'pr' ? flagOf(item.isDraft) : null,
    labels_json: JSON.stringify(labels.filter((label) => label !== null)),
    review_decision: lowerWord(item.reviewDecision),
    checks: kind === 'pr' ? checksOf(item.checks) : null,
    url: urlOf(item.url),
    created_at: instantOf(item.createdAt),
    updated_at: instantOf(item.updatedAt),
    gone: false,
  }
}

const GOOD = new Set(['SUCCESS', 'NEUTRAL', 'SKIPPED'])
const OPEN = new Set(['PENDING', 'EXPECTED', 'QUEUED', 'IN_PROGRESS', 'WAITING', 'REQUESTED'])

/** One word over all checks; null where there are none, `unknown` where a new word might mean anything. */
const checksOf = (value: unknown): string | null => {
  if (!Array.isArray(value) || value.length === 0) return null
  const words = value.map(String)
  const bad = words.filter((word) => !GOOD.has(word) && !OPEN.has(word))
  if (bad.some((word) => FAILED.has(word))) return 'failing'
  if (bad.length > 0) return 'unknown'
  return words.some((word) => OPEN.has(word)) ? 'pending' : 'passing'
}

const FAILED = new Set(['FAILURE', 'ERROR', 'TIMED_OUT', 'CANCELLED', 'ACTION_REQUIRED', 'STARTUP_FAILURE', 'STALE'])

const urlOf = (value: unknown): string | null =>
  typeof value === 'string' && /^https:\/\/github\.com\/[\w./-]{1,300}$/.test(value) ? value : null
