import { sha256 } from '../../core/ids.ts'
import type { Row } from '../../core/rows.ts'
import { textCell } from '../row-cells.ts'
import type { GtAgent } from './status.ts'

/** Role and address of a town's tmux session by its name alone. */
export interface SessionRole {
  readonly role: string
  readonly rig: string | null
  readonly name: string
  readonly address: string
}

const TOWN_SESSIONS: Readonly<Record<string, readonly [role: string, address: string]>> = {
  'hq-mayor': ['mayor', 'mayor/'],
  'hq-deacon': ['deacon', 'deacon/'],
  'hq-boot': ['boot', 'deacon/boot'],
}

/** Null for the person's own session and for names of no rig of this town. `prefixes`: rig to the prefix of its sessions. */
export const roleOfSession = (session: string, prefixes: ReadonlyMap<string, string>): SessionRole | null => {
  const known = Object.hasOwn(TOWN_SESSIONS, session) ? TOWN_SESSIONS[session] : undefined
  if (known !== undefined) return { role: known[0], rig: null, name: known[0], address: known[1] }
  const dog = /^hq-dog-(.+)$/.exec(session)?.[1]
  if (dog !== undefined) return { role: 'dog', rig: null, name: dog, address: `deacon/dogs/${dog}` }
  const [rig, prefix] =
    [...prefixes].sort(([, a], [, b]) => b.length - a.length).find(([, start]) => session.startsWith(`${start}-`)) ?? []
  if (rig === undefined || prefix === undefined) return null
  const rest = session.slice(prefix.length + 1)
  if (rest === '') return null
  if (rest === 'witness' || rest === 'refinery') return { role: rest, rig, name: rest, address: `${rig}/${rest}` }
  const crew = /^crew-(.+)$/.exec(rest)?.[1]
  if (crew !== undefined) return { role: 'crew', rig, name: crew, address: `${rig}/crew/${crew}` }
  return { role: 'polecat', rig, name: rest, address: `${rig}/polecats/${rest}` }
}

/** Name of the tmux socket gt gives a town: its folder's name and six digits of the hash of its path. */
export const townSocketName = (town: string): string => `${town.split('/').at(-1) ?? ''}-${sha256(town).slice(0, 6)}`

/** Agents whose sessions run on the town's own socket, as far as their names tell; nothing is known of their work. */
export const agentsBySession = (
  panes: readonly Row[],
  town: string,
  prefixes: ReadonlyMap<string, string>,
): readonly GtAgent[] => {
  const sessions = new Set(
    panes
      .filter((row) => textCell(row.socket)?.split('/').at(-1) === townSocketName(town))
      .flatMap((row) => textCell(row.session_name) ?? []),
  )
  return [...sessions].flatMap((session) => {
    const found = roleOfSession(session, prefixes)
    if (found === null) return []
    const unknown = { running: null, state: null, hasWork: null, hookBead: null, workTitle: null, info: null }
    return [{ ...unknown, ...found, session }]
  })
}
