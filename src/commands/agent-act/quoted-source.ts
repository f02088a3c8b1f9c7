import { usageError } from '../../core/errors.ts'
import type { QuoteOrigin } from '../../core/quoted-text.ts'
import { displayText } from '../../core/text.ts'
import { type Db, doneBeads, mailMessages, missionsNamed, missionTexts, openBeads } from '../../store/index.ts'

export interface QuotedSource {
  readonly text: string
  readonly origin: QuoteOrigin
}

type Finder = (db: Db, id: string, now: Date) => Promise<QuotedSource | null>

const YEAR_MS = 366 * 86_400_000

// Bodies of issues and mails are not stored: the agent is told which one, and reads it with its own tools.
const bead: Finder = async (db, id) => {
  const rows = [...(await openBeads(db)), ...(await doneBeads(db, { limit: 10_000 }))]
  const row = rows.find(({ issue_id }) => issue_id === id)
  if (row === undefined) return null
  return { text: `issue ${id} (${row.status}): ${row.title ?? 'untitled'}`, origin: { kind: 'bead', id } }
}

const mail: Finder = async (db, id, now) => {
  const rows = await mailMessages(db, { since: new Date(now.getTime() - YEAR_MS), limit: 10_000 })
  const row = rows.find(({ message_id }) => message_id === id)
  if (row === undefined) return null
  const origin: QuoteOrigin = { kind: 'mail', id, ...(row.sender === null ? {} : { author: row.sender }) }
  return { text: `message ${id}: ${row.subject ?? 'no subject'}`, origin }
}

const mission: Finder = async (db, id) => {
  const [row] = await missionsNamed(db, { ids: [id] })
  if (row === undefined) return null
  const texts = await missionTexts(db, { missionId: id })
  const given = texts.filter(({ kind, attempt }) => attempt === 0 && (kind === 'prompt' || kind === 'context'))
  return {
    text: [row.title, ...given.map(({ body }) => body)].join('\n\n'),
    origin: { kind: 'mission', id, author: row.created_by },
  }
}

const FINDERS: Readonly<Record<string, Finder>> = { bead, mail, mission }

/** What vc has stored of a bead, mail or mission that somebody is to be told of. Throws a usage error when it knows none. */
export const quotedSource = async (db: Db, kind: string, id: string, now: Date): Promise<QuotedSource> => {
  const find = Object.hasOwn(FINDERS, kind) ? FINDERS[kind] : undefined
  const found = await find?.(db, id, now)
  if (found) return found
  throw usageError(
    `unknown_${displayText(kind, 16)}`,
    `vc knows no ${displayText(kind, 16)} '${displayText(id, 80)}'`,
    `look with: vc robot ${kind === 'bead' ? 'beads' : kind === 'mail' ? 'mail' : 'missions'}`,
  )
}
