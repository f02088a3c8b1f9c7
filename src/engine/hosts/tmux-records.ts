import { VcError } from '../../core/errors.ts'
import type { Captured, HostClient, HostPane, PaneRef } from '../../core/session-host.ts'
import { displayText } from '../../core/text.ts'
import type { ActRecord } from './machine-act.ts'
import { UNIT } from './tmux-prelude.ts'

const FIXED = 24

const whole = (text: string | undefined): number | null =>
  text !== undefined && /^-?\d{1,15}$/.test(text) ? Number(text) : null

/** Tags of a pane as they were given to `start`; anything else there is nobody's. */
const tagsOf = (text: string): Readonly<Record<string, string>> => {
  try {
    const parsed: unknown = JSON.parse(text)
    if (typeof parsed !== 'object' || parsed === null) return {}
    return Object.fromEntries(Object.entries(parsed).flatMap(([k, v]) => (typeof v === 'string' ? [[k, v]] : [])))
  } catch {
    return {}
  }
}

/** What the records of one answer say besides the panes. */
export interface Surroundings {
  readonly machineId: string
  readonly socket: string
  /** Start of live first processes, by pid. */
  readonly starts: ReadonlyMap<number, number>
  readonly clients: ReadonlyMap<string, readonly HostClient[]>
}

const clientOf = (tag: string): readonly [string, HostClient] | null => {
  const [kind, session = '', control, readOnly, activity, tty = '', ...name] = tag.split(UNIT)
  if (kind !== 'C') return null
  const client = { activityS: whole(activity) ?? 0, control: control === '1', readOnly: readOnly === '1' }
  return [session, { ...client, tty: displayText(tty), name: displayText(name.join(UNIT)) }]
}

/** Socket, process starts and clients out of the records of one answer. */
export const surroundingsOf = (machineId: string, records: readonly ActRecord[]): Surroundings => {
  const socket = records.find(({ tag }) => tag.startsWith('socket '))?.tag.slice(7) ?? ''
  const starts = new Map<number, number>()
  const clients = new Map<string, HostClient[]>()
  for (const { tag } of records) {
    const [, pid, ticks] = /^T (\d{1,10}) (\d{1,15})$/.exec(tag) ?? []
    if (pid !== undefined) starts.set(Number(pid), Number(ticks))
    const client = clientOf(tag)
    if (client !== null) clients.set(client[0], [...(clients.get(client[0]) ?? []), client[1]])
  }
  return { machineId, socket, starts, clients }
}

/** One `P` record; null for what is none. A path may hold line feeds: they continue the record. */
export const paneOf = ({ tag, lines }: ActRecord, around: Surroundings): HostPane | null => {
  const fields = (tag.startsWith(`P${UNIT}`) ? [tag, ...lines].join('\n') : '').split(UNIT)
  if (fields.length < FIXED + 2) return null
  const at = (index: number): string => fields[index] ?? ''
  const [serverPid, serverStartS, pid] = [whole(at(1)), whole(at(2)), whole(at(4))]
  if (serverPid === null || serverStartS === null || pid === null || !/^%\d{1,9}$/.test(at(3))) return null
  const dead = at(5) === '1' ? { status: whole(at(6)), signal: whole(at(7)), atS: whole(at(8)) } : null
  const startTicks = (dead === null ? around.starts.get(pid) : undefined) ?? whole(at(19)) ?? 0
  return {
    ref: {
      machineId: around.machineId,
      socket: around.socket,
      serverPid,
      serverStartS,
      paneId: at(3),
      pid,
      startTicks,
    },
    sessionName: displayText(at(22)),
    title: displayText(fields.at(-1)?.trimEnd() ?? ''),
    command: displayText(at(21)),
    cwd: displayText(fields.slice(24, -1).join(UNIT), 4096),
    tty: at(18) === '' ? null : displayText(at(18)),
    dead,
    activityS: whole(at(11)),
    createdS: whole(at(12)),
    historySize: whole(at(15)) ?? 0,
    cursor: { x: whole(at(16)) ?? 0, y: whole(at(17)) ?? 0 },
    alternateOn: at(9) === '1',
    inMode: Number(at(10)) > 0,
    cols: whole(at(13)) ?? 0,
    rows: whole(at(14)) ?? 0,
    clients: around.clients.get(at(20)) ?? [],
    tags: tagsOf(at(23)),
  }
}

/** Every pane once: a linked window shows its panes in each session. */
export const panesOf = (machineId: string, records: readonly ActRecord[]): readonly HostPane[] => {
  const around = surroundingsOf(machineId, records)
  const panes = records.map((record) => paneOf(record, around)).filter((pane) => pane !== null)
  return [...new Map(panes.toReversed().map((pane) => [pane.ref.paneId, pane])).values()].reverse()
}

/** @throws VcError bad_request for a ref no `list` could have given: its words reach a tmux command. */
export const checkPane = ({ paneId, socket }: PaneRef): void => {
  if (!/^%\d{1,9}$/.test(paneId) || !socket.startsWith('/'))
    throw new VcError(
      'bad_request',
      `${JSON.stringify(paneId)} on ${JSON.stringify(socket)} is no pane`,
      'take it from list',
    )
}

/** Null: the pane is the one that was meant. Else what differs, as evidence. */
export const differs = (meant: PaneRef, found: PaneRef): string | null => {
  if (meant.serverPid !== found.serverPid || meant.serverStartS !== found.serverStartS)
    return `the tmux server is another one (pid ${found.serverPid} since ${found.serverStartS})`
  if (meant.pid !== found.pid || meant.startTicks !== found.startTicks)
    return `another process is in ${meant.paneId} (pid ${found.pid})`
  return null
}

/** The captured screens by pane: a `P` record, then `S` with the lines. */
export const screensOf = (machineId: string, records: readonly ActRecord[]): ReadonlyMap<string, Captured> => {
  const around = surroundingsOf(machineId, records)
  const screens = new Map<string, Captured>()
  records.forEach((record, index) => {
    const before = records[index - 1]
    if (record.tag !== 'S' || before === undefined) return
    const pane = paneOf(before, around)
    if (pane !== null) screens.set(pane.ref.paneId, { is: 'screen', pane, text: trimmed(record.lines) })
  })
  return screens
}

const trimmed = (lines: readonly string[]): string => lines.join('\n').replace(/[ \t\n]+$/, '')
