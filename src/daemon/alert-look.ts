import type { AgentSignal, MachineNews, MachineSignals } from '../oracle/alert-signals.ts'
import type { AgentRow } from '../queries/fleet-rows.ts'
import type { FleetPicture, MachineState } from '../queries/picture.ts'
import type { Db } from '../store/index.ts'
import * as read from '../store/index.ts'

/** Rows that rules of machines rest on, as last read. */
interface NewsRows {
  readonly system: ReadonlyMap<string, read.SystemHourRow>
  readonly contexts: ReadonlyMap<string, number>
  readonly failures: ReadonlyMap<string, number>
  readonly crashes: ReadonlyMap<string, readonly read.CrashRow[]>
  readonly enospc: ReadonlyMap<string, read.EnospcRow>
  readonly orphans: ReadonlyMap<string, read.OrphanRow>
  readonly dcg: ReadonlyMap<string, read.DcgHourRow>
  readonly network: ReadonlyMap<string, read.UnknownNetworkRow>
  readonly mail: ReadonlyMap<string, read.MailCountRow>
  readonly rch: ReadonlyMap<string, read.RchNowRow>
  readonly cass: ReadonlyMap<string, read.CassNowRow>
  readonly retention: ReadonlyMap<string, read.RetentionWordsRow>
}

const byMachine = <One extends { readonly machine_id: string }>(rows: readonly One[]): ReadonlyMap<string, One> =>
  new Map(rows.map((row) => [row.machine_id, row]))

const sessionKey = (machineId: string, cli: string, sessionId: string): string =>
  `${machineId}\u0000${cli}\u0000${sessionId}`

/** Which tables a part of the news rests on: it is read again when one of them was written, or when time alone may change it. */
const PARTS = {
  system: {
    tables: ['sys_samples'],
    restMs: 30_000,
    read: async (db: Db, now: Date) => byMachine(await read.systemHour(db, now)),
  },
  contexts: {
    tables: ['agent_sessions'],
    restMs: 5_000,
    read: async (db: Db, now: Date) =>
      new Map(
        (await read.agentContexts(db, now)).map((row) => [
          sessionKey(row.machine_id, row.cli, row.session_id),
          row.context_pct,
        ]),
      ),
  },
  failures: {
    tables: ['latest_agent_states'],
    restMs: 2_000,
    read: async (db: Db, now: Date) =>
      new Map((await read.agentFailures(db, now)).map((row) => [row.agent_id, row.failures])),
  },
  crashes: {
    tables: ['agents'],
    restMs: 2_000,
    read: async (db: Db, now: Date) => Map.groupBy(await read.shortLives(db, now), (row) => row.machine_id),
  },
  enospc: {
    tables: ['agent_sessions'],
    restMs: 15_000,
    read: async (db: Db, now: Date) => byMachine(await read.enospcSessions(db, now)),
  },
  orphans: {
    tables: ['agent_process_samples'],
    restMs: 15_000,
    read: async (db: Db) => byMachine(await read.orphanAgents(db)),
  },
  dcg: { tables: ['dcg_events'], restMs: 0, read: async (db: Db, now: Date) => byMachine(await read.dcgHour(db, now)) },
  network: {
    tables: ['rano_events'],
    restMs: 0,
    read: async (db: Db, now: Date) => byMachine(await read.unknownConnections(db, now)),
  },
  mail: {
    tables: ['mail_recipients'],
    restMs: 0,
    read: async (db: Db, now: Date) => byMachine(await read.mailCounts(db, now)),
  },
  rch: { tables: ['rch_status_snapshots'], restMs: 0, read: async (db: Db) => byMachine(await read.rchNow(db)) },
  cass: { tables: ['cass_index_status'], restMs: 0, read: async (db: Db) => byMachine(await read.cassNow(db)) },
  retention: {
    tables: ['scrapes:retention'],
    restMs: 0,
    read: async (db: Db) => byMachine(await read.retentionWords(db)),
  },
} as const satisfies { readonly [Part in keyof NewsRows]: Part_ }

interface Part_ {
  readonly tables: readonly string[]
  /** Shortest time between two reads. */
  readonly restMs: number
  read(db: Db, now: Date): Promise<unknown>
}

/** Windows such as "the last hour" move on without a write. */
const TIME_PASSES_MS = 60_000

export interface AlertLook {
  /** These tables were written. */
  wrote(tables: readonly string[]): void
  /** What the rules of every machine look at. */
  machines(picture: FleetPicture, now: Date, unansweredMinutes: number): Promise<readonly MachineSignals[]>
}

const parsedWarnings = (json: string | null): readonly string[] => {
  const list: unknown = json === null ? [] : JSON.parse(json)
  if (!Array.isArray(list)) return []
  return list
    .filter(
      (one): one is { code: string; message: string } => one?.code === 'retention' && typeof one.message === 'string',
    )
    .map((one) => one.message)
}

const agentOf = (row: AgentRow, rows: NewsRows, nowMs: number): AgentSignal => ({
  agentId: row.agent_id,
  cli: row.cli,
  state: row.state,
  reason: row.reason,
  stateAgeS: row.since === null ? null : Math.max(0, Math.floor((nowMs - Date.parse(row.since)) / 1000)),
  contextPct:
    row.session_id === null ? null : (rows.contexts.get(sessionKey(row.machine_id, row.cli, row.session_id)) ?? null),
  failures: rows.failures.get(row.agent_id) ?? 0,
})

const systemOf = ({ sys, machine }: MachineState, rows: NewsRows): MachineNews['system'] => {
  if (sys === null) return null
  const hour = rows.system.get(machine.machine_id)
  const kills = [sys.oom_kills, hour?.oom_kills ?? null].filter((one) => one !== null)
  return {
    memTotalBytes: sys.mem_total_bytes,
    swapUsedBytes: sys.swap_used_bytes,
    swapUsedEarlierBytes: hour?.swap_used_earlier_bytes ?? null,
    swapOutPagesPerS: sys.swap_out_pages_per_s,
    // The newest sample may not be in the sum yet, which is read less often.
    oomKillsHour: kills.length === 0 ? null : Math.max(...kills),
    inotifyMaxWatches: sys.inotify_max_watches,
    clockSkewMs: sys.clock_skew_ms,
  }
}

const newsOf = (
  state: MachineState,
  agents: readonly AgentRow[],
  dirty: number,
  rows: NewsRows,
  nowMs: number,
): MachineNews => {
  const id = state.view.machineId
  const [mail, dcg, network, rch, cass, orphans] = [
    rows.mail.get(id),
    rows.dcg.get(id),
    rows.network.get(id),
    rows.rch.get(id),
    rows.cass.get(id),
    rows.orphans.get(id),
  ]
  return {
    system: systemOf(state, rows),
    agents: agents.filter((row) => row.ended === null && row.state !== 'dead').map((row) => agentOf(row, rows, nowMs)),
    crashes: (rows.crashes.get(id) ?? []).map(({ cli, place, crashes }) => ({ cli, place, count: crashes })),
    orphans: orphans ? { processes: orphans.processes, rssBytes: orphans.rss_bytes } : null,
    enospcSessions: rows.enospc.get(id)?.sessions ?? 0,
    dcg: dcg ? { deniesHour: dcg.denies, newCritical: dcg.new_critical } : null,
    unknownNetwork: network
      ? { connections: network.connections, examples: network.examples.split(' ').filter(Boolean).slice(0, 3) }
      : null,
    mail: mail ? { urgentUnread: mail.urgent_unread, overdueAcks: mail.overdue_acks } : null,
    rch: rch ? { queueDepth: rch.queue_depth, workersAvailable: rch.workers_available } : null,
    cass: cass
      ? {
          state: cass.state,
          indexAgeS: cass.last_index_at === null ? null : Math.floor((nowMs - Date.parse(cass.last_index_at)) / 1000),
        }
      : null,
    dirtyRepos: dirty,
    retention: parsedWarnings(rows.retention.get(id)?.warnings_json ?? null),
  }
}

const NOTHING: NewsRows = {
  system: new Map(), contexts: new Map(), failures: new Map(), crashes: new Map(), enospc: new Map(), orphans: new Map(),
  dcg: new Map(), network: new Map(), mail: new Map(), rch: new Map(), cass: new Map(), retention: new Map(),
} // biome-ignore format: all parts

/** Reads what alert rules of machines need, each part only when what it rests on changed. */
export const openAlertLook = (db: Db): AlertLook => {
  let rows: NewsRows = NOTHING
  const readAt = new Map<string, number>()
  const dirty = new Set<string>(Object.keys(PARTS))
  const refresh = async (now: Date): Promise<void> => {
    const due = Object.entries(PARTS).filter(([name, part]) => {
      const age = now.getTime() - (readAt.get(name) ?? Number.NEGATIVE_INFINITY)
      return age < 0 || age >= TIME_PASSES_MS || (dirty.has(name) && age >= part.restMs)
    })
    const fresh = await Promise.all(
      due.map(async ([name, part]) => {
        dirty.delete(name)
        readAt.set(name, now.getTime())
        return [name, await part.read(db, now)] as const
      }),
    )
    if (fresh.length > 0) rows = { ...rows, ...Object.fromEntries(fresh) }
  }
  return {
    wrote(tables) {
      for (const [name, part] of Object.entries(PARTS))
        if ((part.tables as readonly string[]).some((table) => tables.includes(table))) dirty.add(name)
    },
    async machines(picture, now, unansweredMinutes) {
      await refresh(now)
      const nowMs = now.getTime()
      const agents = Map.groupBy(picture.rows.agents, (row) => row.machine_id)
      const repos = Map.groupBy(picture.rows.repos, (row) => row.machine_id)
      return picture.machines.map((state) => {
        const id = state.view.machineId
        const dirtyRepos = (repos.get(id) ?? []).filter((row) => row.dirty === true).length
        return {
          machine: state.view,
          nowMs,
          unansweredMinutes,
          ...newsOf(state, agents.get(id) ?? [], dirtyRepos, rows, nowMs),
        }
      })
    },
  }
}
