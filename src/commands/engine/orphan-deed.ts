import type { ActWish, Deed, DeedResult, Refusal } from '../../core/action.ts'
import { usageError } from '../../core/errors.ts'
import { displayText } from '../../core/text.ts'
import type { EngineOrphanRow } from '../../store/index.ts'
import { endOrphan, type OrphanEnd } from './orphan-act.ts'
import { lookForOrphans } from './orphans.ts'
import type { EnginePorts } from './ports.ts'

const LIST = 'vc agent list --orphans'

const pidOf = (given: unknown): number => {
  const pid = typeof given === 'string' && /^\d{1,9}$/.test(given) ? Number(given) : given
  if (typeof pid === 'number' && Number.isSafeInteger(pid) && pid > 1) return pid
  throw usageError('bad_pid', 'that is no process id', `${LIST} names them`)
}

/** The machine that was named, or the only one where such a process was last seen. */
const machineOf = ({ book }: EnginePorts, given: unknown, pid: number): string => {
  if (typeof given === 'string' && given !== '') return given
  const known = [...new Set(book.all().map((agent) => agent.machine_id))]
  const fitting = known.filter((machineId) => book.orphans(machineId).some((row) => row.pid === pid))
  const [only] = fitting
  if (only !== undefined && fitting.length === 1) return only
  throw usageError(
    only === undefined ? 'unknown_orphan' : 'ambiguous_orphan',
    only === undefined
      ? `no agent of vc left a process ${pid} behind, as far as vc saw`
      : `agents left a process ${pid} behind on ${fitting.map((id) => displayText(id, 40)).join(' and ')}`,
    only === undefined ? `${LIST}; for one that is new there, name its machine: -m` : 'name its machine: -m',
  )
}

/** Looks at the machine now; a list that was stored earlier proves nothing about a number. */
const seenNow = async (ports: EnginePorts, machineId: string, pid: number): Promise<EngineOrphanRow | Refusal> => {
  const seen = await lookForOrphans({ ports }, machineId)
  if (seen === null)
    return {
      code: 'way',
      message: `${machineId} could not be asked what runs there`,
      fix: `vc machines probe ${machineId}`,
    }
  const found = seen.find((row) => row.pid === pid)
  if (found === undefined)
    return {
      code: 'not_left_behind',
      message: `process ${pid} on ${machineId} was not left behind by an agent of this vc: it is gone, an agent that runs still has it, or vc never started it`,
      fix: `${LIST}; an agent that runs is ended with vc agent stop`,
    }
  // Terminals of others may live in it, whoever started it.
  if (/^tmux\b/.test(found.comm))
    return {
      code: 'is_tmux',
      message: `process ${pid} is a tmux server; vc cannot tell who else lives in it`,
      fix: 'look into it, and end it yourself: tmux kill-server',
    }
  return found
}

const WHY_NOT = {
  other_process: 'another process has that number now',
  not_marked: 'it does not carry the mark of an agent of this vc',
  above_vc: 'vc itself runs below it',
} as const

const resultOf = (row: EngineOrphanRow, ended: OrphanEnd): DeedResult | Refusal => {
  const what = `pid ${row.pid} (${displayText(row.comm, 32)}) of ${row.agent_id} ended`
  const evidence = 'process table'
  switch (ended.is) {
    case 'ended':
      return { outcome: 'verified', effects: [{ what, observed: true, evidence }] }
    case 'gone':
      return {
        outcome: 'verified',
        effects: [{ what, observed: true, evidence: `${evidence}: gone before the signal` }],
      }
    case 'survived':
      return { outcome: 'done', effects: [{ what, observed: false, evidence: `${evidence}: still alive after KILL` }] }
    case 'refused':
      return { code: ended.why, message: `process ${row.pid} was left alone: ${WHY_NOT[ended.why]}`, fix: LIST }
    case 'not_reached':
      return { code: 'way', message: displayText(ended.detail, 300), fix: `vc machines probe ${row.machine_id}` }
    case 'unknown':
      return { outcome: 'outcome_unknown', effects: [{ what, observed: false, evidence: null }] }
  }
}

const end = async (ports: EnginePorts, row: EngineOrphanRow): Promise<DeedResult | Refusal> => {
  const executor = await ports.executor(row.machine_id)
  const target = { pid: row.pid, startTicks: row.start_ticks, hub: ports.hub, agentId: row.agent_id }
  const ended = await endOrphan(executor, target, ports.keys().stopGraceMs)
  if (ended.is === 'ended' || ended.is === 'gone')
    await ports.book.keepOrphans(row.machine_id, [{ ...row, gone_at: ports.now().toISOString() }])
  return resultOf(row, ended)
}

const NOT_SEEN = { comm: '', agent_id: '', start_ticks: 0, boot_id: '' }

const shownOf = (row: EngineOrphanRow): readonly string[] => [
  `${displayText(row.comm, 64)}, ${row.rss_bytes === null ? 'memory not known' : `${Math.round(row.rss_bytes / 1_048_576)} MB`}; ${row.agent_id} left it behind (${row.why.replaceAll('_', ' ')})`,
  'only this process is ended: what it started is listed by itself',
]

/** `orphan.end`: one process that an agent left behind, bound to its start and to the mark of this vc in its environment. */
export const orphanDeed =
  (ports: EnginePorts) =>
  async (given: ActWish): Promise<Deed> => {
    const pid = pidOf(given.params.pid)
    const machineId = machineOf(ports, given.params.machine, pid)
    const seen = await seenNow(ports, machineId, pid)
    const blocked = 'code' in seen ? seen : null
    const row = 'code' in seen ? NOT_SEEN : seen
    return {
      proposal: {
        ...{ verb: 'orphan.end', class: 'irreversible', origin: given.origin, actor: given.actor },
        target: { machineId, agentId: null, subject: `process ${pid} on ${machineId}` },
        params: { pid, start_ticks: row.start_ticks, boot: row.boot_id, agent: row.agent_id, command: row.comm },
        why: blocked === null ? `end what ${row.agent_id} left behind` : 'end a process',
      },
      ...(blocked === null ? {} : { blocked }),
      ...('code' in seen ? {} : { shown: shownOf(seen) }),
      check: async () => blocked,
      act: async () => ('code' in seen ? seen : end(ports, seen)),
    }
  }
