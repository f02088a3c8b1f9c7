import { createHash } from 'node:crypto'
import type { EngineEvent, EngineEventType } from '../../core/engine.ts'
import { VcError } from '../../core/errors.ts'
import type { Row, RowBatch } from '../../core/rows.ts'
import type { EngineOrphanRow, ManagedAgentRow, PoolQueueRow, Store } from '../../store/index.ts'
import { engineOrphans, managedAgents, poolQueue } from '../../store/index.ts'

/** An agent that vc keeps, as its row; times are ISO texts. */
export type Managed = ManagedAgentRow

export interface Happened {
  readonly type: EngineEventType
  readonly detail: string | null
  readonly data?: Readonly<Record<string, unknown>>
  /** When, for what is told later than it happened; else now. */
  readonly at?: Date
}

/** The rows of the engine in memory, written through: what is here was committed, and the other way round. */
export interface EngineBook {
  get(agentId: string): Managed | undefined
  all(): readonly Managed[]
  on(machineId: string): readonly Managed[]
  waiting(): readonly PoolQueueRow[]
  orphans(machineId: string): readonly EngineOrphanRow[]
  /** Changes (or adds) an agent together with what happened and rows of other tables; one commit. Throws when it is not stored. */
  change(next: Managed, happened: readonly Happened[], more?: readonly RowBatch[]): Promise<void>
  queue(row: PoolQueueRow): Promise<void>
  keepOrphans(machineId: string, rows: readonly EngineOrphanRow[]): Promise<void>
  /** Says what happened without any change of the agent. */
  tell(agent: Pick<Managed, 'agent_id' | 'machine_id'>, happened: readonly Happened[]): Promise<void>
  /** One after another for one agent: whoever watches and whoever acts never overwrite each other. */
  inTurn<Result>(agentId: string, job: () => Promise<Result>): Promise<Result>
  readonly store: Store
}

const TIMES = new Set([
  ...['status_at', 'created_at', 'started_at', 'ended_at', 'next_restart_at', 'last_seen_at'],
  ...['asked_at', 'settled_at', 'first_seen_at', 'seen_at', 'gone_at'],
])

/** A row as it is read, as it is written: times become dates. */
const rowOf = (read: Readonly<Record<string, string | number | boolean | null>>): Row =>
  Object.fromEntries(
    Object.entries(read).map(([name, value]) => [
      name,
      TIMES.has(name) && typeof value === 'string' ? new Date(value) : value,
    ]),
  )

const idOf = (agentId: string, type: string, ts: Date, data: string): string =>
  createHash('sha256').update([agentId, type, ts.toISOString(), data].join('\0')).digest('hex').slice(0, 24)

export interface BookPorts {
  readonly store: Store
  readonly now: () => Date
  /** Told after a commit: rows kept in memory elsewhere are read anew, streams go on. */
  readonly onWrote?: (machineId: string, batches: readonly RowBatch[], events: readonly EngineEvent[]) => void
}

export const openEngineBook = async ({ store, now, onWrote }: BookPorts): Promise<EngineBook> => {
  const agents = new Map((await managedAgents(store.db, { forgotten: true })).map((row) => [row.agent_id, row]))
  const line = new Map((await poolQueue(store.db)).map((row) => [row.request_id, row]))
  const orphanOf = (row: EngineOrphanRow): string => `${row.machine_id}:${row.boot_id}:${row.pid}:${row.start_ticks}`
  const orphaned = new Map((await engineOrphans(store.db)).map((row) => [orphanOf(row), row]))

  const write = async (machineId: string, batches: readonly RowBatch[], events: readonly EngineEvent[]) => {
    const given = batches.filter((batch) => batch.rows.length > 0)
    if (given.length === 0) return
    const written = await store.write({ machineId, source: 'engine', at: now(), batches: given, awaited: true })
    if (!written.ok) throw new VcError('not_stored', `it was not stored: ${written.detail}`, 'look with: vc doctor')
    onWrote?.(machineId, given, events)
  }
  const eventsOf = (machineId: string, agentId: string, happened: readonly Happened[]): readonly EngineEvent[] =>
    happened.map(({ type, detail, data = {}, at: ts = now() }) => {
      return { eventId: idOf(agentId, type, ts, JSON.stringify(data)), ts, type, machineId, agentId, detail, data }
    })
  const eventRows = (events: readonly EngineEvent[]): readonly Row[] =>
    events.map(({ eventId, ts, type, agentId, detail, data }) => ({
      event_id: eventId,
      agent_id: agentId,
      ts,
      type,
      detail,
      data_json: JSON.stringify(data),
    }))

  const turns = new Map<string, Promise<unknown>>()

  return {
    store,
    inTurn(agentId, job) {
      const mine = (turns.get(agentId) ?? Promise.resolve()).then(job)
      const settled: Promise<unknown> = mine
        .catch(() => undefined)
        .finally(() => turns.get(agentId) === settled && turns.delete(agentId))
      turns.set(agentId, settled)
      return mine
    },
    get: (agentId) => agents.get(agentId),
    all: () => [...agents.values()],
    on: (machineId) => [...agents.values()].filter((row) => row.machine_id === machineId),
    waiting: () => [...line.values()],
    orphans: (machineId) => [...orphaned.values()].filter((row) => row.machine_id === machineId),
    async change(next, happened, more = []) {
      const events = eventsOf(next.machine_id, next.agent_id, happened)
      const batches = [
        { table: 'managed_agents', rows: [rowOf(next)] },
        { table: 'engine_events', rows: eventRows(events) },
        ...more,
      ]
      await write(next.machine_id, batches, events)
      agents.set(next.agent_id, next)
    },
    async queue(row) {
      await write(row.machine_id, [{ table: 'pool_queue', rows: [rowOf(row)] }], [])
      if (row.status === 'waiting') line.set(row.request_id, row)
      else line.delete(row.request_id)
    },
    async keepOrphans(machineId, rows) {
      await write(machineId, [{ table: 'engine_orphans', rows: rows.map(rowOf) }], [])
      for (const row of rows) {
        if (row.gone_at === null) orphaned.set(orphanOf(row), row)
        else orphaned.delete(orphanOf(row))
      }
    },
    async tell(agent, happened) {
      const events = eventsOf(agent.machine_id, agent.agent_id, happened)
      await write(agent.machine_id, [{ table: 'engine_events', rows: eventRows(events) }], events)
    },
  }
}
