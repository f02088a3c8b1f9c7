import { displayText } from '../../core/text.ts'
import { cliOfProcess, type SeenProcess } from '../agent-evidence/index.ts'
import { decodeValue } from '../probe/decode.ts'
import { ttyName } from '../probe/linux-processes.ts'
import type { EvidenceTarget } from './ask.ts'
import { type Block, blockNamed } from './blocks.ts'

/** A process in the spelling of an evidence bundle. */
export interface BundleProcess {
  readonly pid: number
  readonly ppid: number
  readonly start_ticks: number | null
  readonly comm: string | null
  readonly argv0: string | null
  readonly script: string | null
  readonly tty: string | null
  readonly state: string | null
  readonly detached?: true
}

const whole = (text: string | undefined): number | null => (/^\d{1,15}$/.test(text ?? '') ? Number(text) : null)
const shown = (field: string | undefined): string | null => displayText(decodeValue(field), 1_024) || null

// Linux gives the terminal as a device number, ps by name.
const terminal = (field: string): string | null => {
  const device = whole(field)
  return device === null ? (field === '-' ? null : displayText(field, 32)) : ttyName(device)
}

interface Argv {
  readonly argv0: string | null
  readonly script: string | null
  readonly serves: boolean
}

const argvOf = (block: Block | null): ReadonlyMap<number, Argv> =>
  new Map(
    (block?.lines ?? []).flatMap((line) => {
      const [pid, argv0, script, word] = line.split('\t')
      const number = whole(pid)
      return number === null
        ? []
        : [[number, { argv0: shown(argv0), script: shown(script), serves: word !== '-' }] as const]
    }),
  )

const NO_ARGV: Argv = { argv0: null, script: null, serves: false }

/** All rows of the answer: trees below the roots, and servers of that CLI elsewhere. Null: the table was not read. */
export const readProcessRows = (blocks: readonly Block[]): readonly BundleProcess[] | null => {
  const block = blockNamed(blocks, 'processes')
  if (block === null) return null
  const argv = argvOf(blockNamed(blocks, 'argv'))
  const rows = block.lines.flatMap((line) => {
    const [pid, ppid, state = '', tty = '-', start, comm, where] = line.split('\t')
    const ids = { pid: whole(pid), ppid: whole(ppid) }
    if (ids.pid === null || ids.ppid === null) return []
    const { argv0, script, serves } = argv.get(ids.pid) ?? NO_ARGV
    if (where !== 'tree' && !serves) return []
    return [
      {
        pid: ids.pid,
        ppid: ids.ppid,
        start_ticks: whole(start),
        comm: shown(comm),
        argv0,
        script,
        tty: terminal(tty),
        state: displayText(state, 4) || null,
        ...(where === 'tree' ? {} : { detached: true as const }),
      },
    ]
  })
  return rows.toSorted((a, b) => a.pid - b.pid)
}

const below = (rows: readonly BundleProcess[], roots: ReadonlySet<number>): ReadonlySet<number> => {
  const parents = new Map(rows.map((row) => [row.pid, row.ppid]))
  const isBelow = (pid: number): boolean => {
    const passed = new Set<number>()
    for (let at: number | undefined = pid; at !== undefined && !passed.has(at); at = parents.get(at)) {
      if (roots.has(at)) return true
      passed.add(at)
    }
    return false
  }
  return new Set(rows.map((row) => row.pid).filter(isBelow))
}

const seen = (row: BundleProcess): SeenProcess => ({
  pid: row.pid,
  ppid: row.ppid,
  startTicks: row.start_ticks,
  comm: row.comm,
  argv0: row.argv0,
  script: row.script,
  tty: row.tty,
  state: row.state,
  detached: row.detached === true,
})

export interface OwnProcesses {
  readonly processes: readonly BundleProcess[]
  /** The session's topmost process is proven gone. */
  readonly rootGone: boolean
  /** Another session of the same CLI runs in the pane now; it is left out. */
  readonly successor: boolean
}

/**
 * The processes of this agent. A pid that was given to another process is not it, and a session that began later in the same
 * pane is another agent: neither may keep a dead one alive.
 */
export const ownProcesses = (
  rows: readonly BundleProcess[],
  target: Pick<EvidenceTarget, 'cli' | 'root'>,
  panePid: number | null,
): OwnProcesses => {
  const { root, cli } = target
  const alive = (row: BundleProcess): boolean =>
    row.pid === root?.pid &&
    (root.startTicks === null || row.start_ticks === null || row.start_ticks === root.startTicks)
  const rootGone = root !== null && !rows.some(alive)
  const roots = new Set([...(panePid === null ? [] : [panePid]), ...(root === null || rootGone ? [] : [root.pid])])
  const tree = below(rows, roots)
  const kept = rows.filter((row) => row.detached === true || tree.has(row.pid))
  if (!rootGone) return { processes: kept, rootGone, successor: false }
  const others = new Set(kept.filter((row) => !row.detached && cliOfProcess(seen(row)) === cli).map((row) => row.pid))
  const foreign = below(kept, others)
  return { processes: kept.filter((row) => !foreign.has(row.pid)), rootGone, successor: others.size > 0 }
}
