import { decodeUtf8 } from '../../core/text.ts'

/** One process on the way from an agent up to the first of all. */
export interface Ancestor {
  readonly pid: number
  readonly ppid: number
  /** Leader of its session; 0 where the machine does not say. */
  readonly sid: number
  /** `pts/3`, `tty1`, `ttys004`; null: none. */
  readonly tty: string | null
  /** Start as the machine counts it: ticks since boot on Linux, a date elsewhere. */
  readonly start: string
  readonly comm: string
}

export interface TerminalsText {
  readonly is: 'terminals'
  readonly os: string
  readonly bootId: string | null
  /** By pid of the agent asked about, itself first. */
  readonly chains: ReadonlyMap<number, readonly Ancestor[]>
  /** By pid of a screen server. */
  readonly screens: ReadonlyMap<number, { readonly socket: string; readonly attached: boolean }>
  /** Sockets of zellij servers, by pid. */
  readonly zellijs: ReadonlyMap<number, string>
  /** Number of the window or pane an agent was started in, by its pid. */
  readonly windows: ReadonlyMap<number, { readonly screen: number | null; readonly zellij: number | null }>
  readonly complete: boolean
}

export type TerminalsParse = TerminalsText | { readonly is: 'no_begin' }

const wholeOf = (text: string | undefined): number | null =>
  text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : null

/** Records of TERMINALS_SCRIPT; lines that are none are left out. Never throws. */
export const parseTerminals = (stdout: Uint8Array): TerminalsParse => {
  const lines = decodeUtf8(stdout).split('\n')
  const [head, os, boot] = (lines[0] ?? '').split('\t')
  if (head !== 'vc-terminals 1' || os === undefined) return { is: 'no_begin' }
  const records = lines.slice(1).map((line) => line.split('\t'))
  const chains = new Map<number, Ancestor[]>()
  const screens = new Map<number, { socket: string; attached: boolean }>()
  const zellijs = new Map<number, string>()
  const windows = new Map<number, { screen: number | null; zellij: number | null }>()
  for (const [kind, first, ...rest] of records) {
    const pid = wholeOf(first)
    if (pid === null) continue
    const ancestor = kind === 'C' ? ancestorOf(rest) : null
    if (ancestor !== null) chains.set(pid, [...(chains.get(pid) ?? []), ancestor])
    if (kind === 'S') screens.set(pid, { attached: rest[0] === '1', socket: rest.slice(1).join('\t') })
    if (kind === 'Z') zellijs.set(pid, rest.join('\t'))
    if (kind === 'W') windows.set(pid, windowOf(windows.get(pid), rest))
  }
  const bootId = boot !== undefined && /^[0-9a-f-]{36}$/.test(boot) ? boot : null
  return { is: 'terminals', os, bootId, chains, screens, zellijs, windows, complete: lines.at(-2) === 'end' }
}

const ancestorOf = ([pidText, ppidText, sidText, tty, start, ...comm]: readonly string[]): Ancestor | null => {
  const [pid, ppid, sid] = [wholeOf(pidText), wholeOf(ppidText), wholeOf(sidText)]
  if (pid === null || ppid === null || sid === null || tty === undefined || start === undefined) return null
  return { pid, ppid, sid, tty: ttyOf(tty), start, comm: comm.join('\t') }
}

/** A device number as Linux counts terminals, or a name. */
const ttyOf = (text: string): string | null => {
  if (!/^-?\d+$/.test(text)) return /^\??$/.test(text) || text === '??' || text === '-' ? null : text.slice(0, 64)
  const device = Number(text)
  const major = (device >> 8) & 0xfff
  const minor = (device & 0xff) | ((device >> 12) & 0xfff00)
  if (major >= 136 && major <= 143) return `pts/${minor + (major - 136) * 256}`
  if (major === 4) return minor < 64 ? `tty${minor}` : `ttyS${minor - 64}`
  return null
}

const windowOf = (
  before: { screen: number | null; zellij: number | null } | undefined,
  [name, value]: readonly string[],
) => ({
  screen: name === 'WINDOW' ? wholeOf(value) : (before?.screen ?? null),
  zellij: name === 'ZELLIJ_PANE_ID' ? wholeOf(value) : (before?.zellij ?? null),
})
