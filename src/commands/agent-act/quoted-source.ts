import { usageError } from '../../core/errors.ts'
import type { QuoteOrigin } from '../../core/quoted-text.ts'
import { displayText } from '../../core/text.ts'
import { type Db, doneBeads, mailMessages, missionsNamed, missionTexts, openBeads } from '../../store/index.ts'

export interface QuotedSource {
  readonly text: string
  readonly origin: QuoteOrigin
}

export interface QuoteQuestion {
  readonly kind: string
  readonly id: string
  /** Where the agent is: of several things with that id, the one there is meant. */
  readonly machineId: string
  readonly now: Date
}

type Found = QuotedSource & { readonly machineId: string | null; readonly place: string }
type Finder = (db: Db, question: QuoteQuestion) => Promise<readonly Found[]>

const YEAR_MS = 366 * 86_400_000
const MOST = 10_000

// Bodies of issues and mails are not stored: the agent is told which one, and reads it with its own tools.
const beads: Finder = async (db, { id }) =>
  [...(await openBeads(db)), ...(await doneBeads(db, { limit: MOST }))]
    .filter((row) => row.issue_id === id)
    .map((row) => ({
      text: `issue ${id} (${row.status ?? row.standing}): ${row.title ?? 'untitled'}`,
      origin: { kind: 'bead', id },
      machineId: row.machine_id,
      place: row.repo_id,
    }))

const mails: Finder = async (db, { id, now }) =>
  (await mailMessages(db, { since: new Date(now.getTime() - YEAR_MS), limit: MOST }))
    .filter((row) => row.message_id === id)
    .map((row) => ({
      text: `message ${id}: ${row.subject ?? 'no subject'}`,
      origin: { kind: 'mail', id, ...(row.sender === null ? {} : { author: row.sender }) },
      machineId: row.machine_id,
      place: `${row.machine_id}:${row.project_id}`,
    }))

const missions: Finder = async (db, { id }) => {
  const [row] = await missionsNamed(db, { ids: [id] })
  if (row === undefined) return []
  const texts = await missionTexts(db, { missionId: id })
  const of = (wanted: string) => texts.filter(({ kind, attempt }) => attempt === 0 && kind === wanted)
  const given = [...of('prompt'), ...of('context')]
  const text = [row.title, ...given.map(({ body }) => body)].join('\n\n')
  return [{ text, origin: { kind: 'mission', id, author: row.created_by }, machineId: row.machine_id, place: 'queue' }]
}

const FINDERS: Readonly<Record<string, Finder>> = { bead: beads, mail: mails, mission: missions }
const TOPICS: Readonly<Record<string, string>> = { bead: 'beads', mail: 'mail', mission: 'missions' }

/** What vc has stored of a bead, mail or mission. Throws a usage error when it knows none, or several that could be meant. */
export const quotedSource = async (db: Db, question: QuoteQuestion): Promise<QuotedSource> => {
  const { kind, id, machineId } = question
  const all = Object.hasOwn(FINDERS, kind) ? ((await FINDERS[kind]?.(db, question)) ?? []) : []
  const near = all.filter((one) => one.machineId === machineId)
  const meant = near.length > 0 ? near : all
  const [first] = meant
  const what = `${displayText(kind, 16)} '${displayText(id, 80)}'`
  const fix = `look with: vc robot ${TOPICS[kind] ?? 'beads'}`
  if (first === undefined) throw usageError(`unknown_${displayText(kind, 16)}`, `vc knows no ${what}`, fix)
  const places = [...new Set(meant.map(({ place }) => place))]
  if (places.length > 1)
    throw usageError(
      `ambiguous_${displayText(kind, 16)}`,
      `${what} is in ${places.length} places: ${displayText(places.slice(0, 5).join(', '), 200)}`,
      'say in your own words which one you mean: vc agent nudge <agent> <text>',
    )
  return { text: first.text, origin: first.origin }
}
