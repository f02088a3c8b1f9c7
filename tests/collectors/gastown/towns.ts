import { readFileSync } from 'node:fs'
import { gastown } from '../../../src/collectors/gastown/index.ts'
import { townSocketName } from '../../../src/collectors/gastown/names.ts'
import type { RangeAnswer, RangeRequest, ScriptAsk } from '../../../src/core/ask.ts'
import type { CollectResult } from '../../../src/core/collector.ts'
import type { Row } from '../../../src/core/rows.ts'
import { answered, contextWith } from '../shell-context.ts'

export const fixture = (name: string): string =>
  readFileSync(new URL(`../../fixtures/gastown/${name}`, import.meta.url)).toString()

const N = '0123456789abcdef'
export const TOWN = '/home/dev/gt'

type Part = string | { readonly out: string; readonly code: number; readonly err?: string }

/** What the script prints for these parts, by name. */
export const said = (parts: Readonly<Record<string, Part>>, end = true): string => {
  const sections = Object.entries(parts).map(([name, part]) => {
    const { out, code, err = '' } = typeof part === 'string' ? { out: part, code: 0, err: '' } : part
    return `\u001e${N} ${name}\n${out}\n\u001f${N} ${code}\n${err}`
  })
  return `vc-tool 1 ${N}\n${sections.join('')}${end ? `\u001e${N} end` : ''}`
}

export const oneTown = (over: Readonly<Record<string, Part>> = {}): string =>
  said({
    'town.1': `${TOWN}\n`,
    'rigs.1': fixture('rigs.json'),
    'status.1': fixture('status.json'),
    'convoys.1': fixture('convoy-list.json'),
    ...over,
  })

export interface World {
  readonly cursors?: ReadonlyMap<string, unknown>
  readonly known?: Readonly<Record<string, readonly Row[]>>
  readonly warnings?: string[]
  readonly events?: Buffer
  readonly inode?: string
  readonly asked?: ScriptAsk[]
}

const rangeOf =
  (world: World) =>
  async ({ path, offset, maxBytes, inode }: RangeRequest): Promise<RangeAnswer> => {
    if (world.events === undefined || path !== `${TOWN}/.events.jsonl`) return { is: 'missing' }
    const own = world.inode ?? '7'
    if (inode !== undefined && inode !== own) return { is: 'changed' }
    return {
      is: 'bytes',
      bytes: world.events.subarray(offset, offset + maxBytes),
      inode: own,
      size: world.events.length,
    }
  }

export const look = (stdout: string, world: World = {}): Promise<CollectResult> =>
  gastown.collect({
    ...contextWith({
      run: (ask) => {
        world.asked?.push(ask)
        return answered(stdout)
      },
      ...(world.cursors ? { cursors: world.cursors } : {}),
      ...(world.known ? { known: world.known } : {}),
      ...(world.warnings ? { warnings: world.warnings } : {}),
    }),
    readRange: rangeOf(world),
  })

export const rowsOf = (result: CollectResult, table: string): readonly Row[] =>
  result.batches.filter((batch) => batch.table === table).flatMap((batch) => batch.rows)

export const nextCursors = (result: CollectResult): ReadonlyMap<string, unknown> =>
  new Map(result.cursors?.map(({ key, value }) => [key, value]))

/** Panes on the town's own tmux socket as status.json names it, and on another town's. */
export const panes = (...sessions: readonly string[]): readonly Row[] =>
  sessions.map((session_name, i) => ({
    source: 'tmux',
    socket: '/tmp/tmux-1000/gt-a1b2c3',
    server_start_epoch_s: 1_800_000_000,
    pane_id: `%${i}`,
    session_name,
  }))

export const ownSocketPanes = (...sessions: readonly string[]): readonly Row[] =>
  panes(...sessions).map((row) => ({ ...row, socket: `/tmp/tmux-1000/${townSocketName(TOWN)}` }))
