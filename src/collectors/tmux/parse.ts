import { decodeUtf8 } from '../../core/text.ts'
import { type PaneRecord, parsePane } from './pane.ts'

export const UNIT_SEPARATOR = '\u001f'

/** One tmux server behind one socket, as it answered. */
export interface ServerText {
  readonly socket: string
  readonly exitCode: number
  /** What tmux said when it had no panes to list. */
  readonly message: string
  readonly panes: readonly PaneRecord[]
  /** Records that could not be split: sanitised output, or not tmux at all. */
  readonly unreadable: number
  /** Captured screens with their escape sequences, by pane id. */
  readonly screens: ReadonlyMap<string, string>
}

export interface TmuxText {
  readonly is: 'tmux'
  /** Null: no tmux on that machine's PATH. */
  readonly binary: string | null
  readonly version: string | null
  readonly epochS: number
  readonly servers: readonly ServerText[]
  /** False: cut off somewhere, nothing of it may be stored. */
  readonly complete: boolean
}

export type TmuxParse = TmuxText | { readonly is: 'no_begin' }

const BEGIN = /^@([0-9a-f]{16}) vc-tmux 2 (\d{1,12}) (.+)$/
const MAX_SERVERS = 64
const MAX_PANES = 2_000

interface Block {
  readonly tag: string
  readonly lines: string[]
}

/** Cuts the answer into records by its own nonce; a line without it continues the record above. Never throws. */
export const parseTmux = (stdout: Uint8Array): TmuxParse => {
  const lines = decodeUtf8(stdout).split('\n')
  lines.pop()
  const begin = BEGIN.exec(lines[0] ?? '')
  if (!begin) return { is: 'no_begin' }
  const [, nonce = '', epoch, binary = '-'] = begin
  const blocks = blocksOf(lines.slice(1), `@${nonce} `)
  const version = blocks.find((block) => block.tag.startsWith('version '))?.tag.slice(8)
  return {
    is: 'tmux',
    binary: binary === '-' ? null : binary,
    version: /^tmux (\S{1,40})/.exec(version ?? '')?.[1] ?? null,
    epochS: Number(epoch),
    servers: serversOf(blocks),
    complete: blocks.at(-1)?.tag === 'end',
  }
}

const blocksOf = (lines: readonly string[], marker: string): readonly Block[] => {
  const blocks: Block[] = []
  for (const line of lines) {
    if (line.startsWith(marker)) blocks.push({ tag: line.slice(marker.length), lines: [] })
    else blocks.at(-1)?.lines.push(line)
  }
  return blocks
}

const serversOf = (blocks: readonly Block[]): readonly ServerText[] => {
  const starts = blocks.flatMap((block, at) => (block.tag.startsWith(`S${UNIT_SEPARATOR}`) ? [at] : []))
  return starts.slice(0, MAX_SERVERS).flatMap((start, nth) => {
    const server = serverOf(blocks.slice(start, starts[nth + 1]))
    return server === null ? [] : [server]
  })
}

const serverOf = ([head, ...rest]: readonly Block[]): ServerText | null => {
  const [, code, ...path] = (head?.tag ?? '').split(UNIT_SEPARATOR)
  if (head === undefined || code === undefined || !/^\d{1,3}$/.test(code) || path.length === 0) return null
  const records = rest.filter((block) => block.tag.startsWith('P'))
  const panes = records
    .slice(0, MAX_PANES)
    .map((block) => parsePane([block.tag, ...block.lines].join('\n')))
    .filter((pane) => pane !== null)
  // a linked window shows its panes once per session; the first is enough
  const unique = [...new Map(panes.toReversed().map((pane) => [pane.paneId, pane])).values()].reverse()
  return {
    socket: path.join(UNIT_SEPARATOR),
    exitCode: Number(code),
    message: head.lines.join(' ').slice(0, 500),
    panes: unique,
    unreadable: records.length - panes.length,
    screens: screensOf(rest),
  }
}

const screensOf = (blocks: readonly Block[]): ReadonlyMap<string, string> => {
  const captures = blocks.filter((block) => block.tag.startsWith(`C${UNIT_SEPARATOR}%`))
  const finished = blocks.some((block) => block.tag === `F${UNIT_SEPARATOR}0`)
  const whole = finished ? captures : captures.slice(0, -1)
  return new Map(whole.map((block) => [block.tag.slice(2), block.lines.join('\n')]))
}
