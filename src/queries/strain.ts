import { limitName } from '../core/limit-name.ts'
import type { MachineStrain } from '../oracle/health-strain.ts'
import * as read from '../store/index.ts'
import type { QueryContext } from './define.ts'
import type { AgentRow, SysRow } from './fleet-rows.ts'

/** What strains each machine, as far as a source tells; agents and swap are added from the rows of the fleet. */
export interface StrainRows {
  readonly stalls: readonly read.StallRow[]
  readonly mail: readonly read.MailBacklogRow[]
  readonly triage: readonly read.TriageCountRow[]
  readonly builds: readonly read.BuildQueueRow[]
  readonly quota: readonly read.QuotaRow[]
  readonly denials: readonly read.DenialRow[]
}

const MINUTE_MS = 60_000

export const readStrains = async (ctx: QueryContext, at: Date | null): Promise<StrainRows> => {
  const moment = new Date(Math.floor((at ?? ctx.now).getTime() / MINUTE_MS) * MINUTE_MS)
  const question = at === null ? { moment } : { at, moment }
  const [stalls, mail, triage, builds, quota, denials] = await Promise.all([
    read.stalls(ctx.db, question),
    read.mailBacklogs(ctx.db, question),
    read.triageCounts(ctx.db, question),
    read.buildQueues(ctx.db, question),
    read.fullestWindows(ctx.db, question),
    read.denials(ctx.db, question),
  ])
  return { stalls, mail, triage, builds, quota, denials }
}

const STUCK = new Set(['stalled', 'failed'])

const swapShare = (sys: SysRow | null): number | null =>
  sys?.swap_total_bytes && sys.swap_used_bytes !== null ? (100 * sys.swap_used_bytes) / sys.swap_total_bytes : null

const swapTraffic = (sys: SysRow | null): number | null =>
  sys?.swap_in_pages_per_s == null || sys.swap_out_pages_per_s == null
    ? null
    : sys.swap_in_pages_per_s + sys.swap_out_pages_per_s

const byMachine = <Row extends { readonly machine_id: string }>(rows: readonly Row[]) =>
  new Map(rows.map((row) => [row.machine_id, row]))

const secondsTo = (at: Date, from: string): number => Math.max(0, (at.getTime() - Date.parse(from)) / 1000)

const windowOf = (row: read.QuotaRow | undefined, at: Date): Pick<MachineStrain, 'quota' | 'lastWindow'> => {
  if (row === undefined) return { quota: null }
  const { account, provider, limit_id, window_name, used_pct: usedPct, resets_at } = row
  const what = `${account} ${limitName(provider, limit_id, window_name)}`
  if (row.open) return { quota: { what, usedPct } }
  const endedS = resets_at !== null && Date.parse(resets_at) <= at.getTime() ? secondsTo(at, resets_at) : null
  return { quota: null, lastWindow: { what, usedPct, endedS, seenS: secondsTo(at, row.observed_at) } }
}

/** The strain of one machine at a time; the rows are grouped once. */
export const strainsOf = (
  rows: StrainRows,
  at: Date,
): ((machineId: string, sys: SysRow | null, agents: readonly AgentRow[]) => MachineStrain) => {
  const stalls = Map.groupBy(rows.stalls, (row) => row.machine_id)
  const [mail, triage, builds] = [byMachine(rows.mail), byMachine(rows.triage), byMachine(rows.builds)]
  const [quota, denials] = [byMachine(rows.quota), byMachine(rows.denials)]
  return (id, sys, agents) => {
    const [box, found, queue] = [mail.get(id), triage.get(id), builds.get(id)]
    const living = agents.filter((agent) => agent.ended === null && agent.state !== 'dead')
    const oldest = box?.oldest_unacked ?? null
    return {
      swapUsedPct: swapShare(sys),
      swapPagesPerS: swapTraffic(sys),
      pressure: stalls.get(id) ?? [],
      agents: {
        total: living.length,
        stuck: living.filter((agent) => STUCK.has(agent.state ?? '')).map((agent) => agent.agent_id),
      },
      denials1h: denials.get(id)?.denied ?? null,
      mail:
        box === undefined
          ? null
          : {
              unread: box.unread,
              unacked: box.unacked,
              oldestUnackedS: oldest === null ? null : secondsTo(at, oldest),
            },
      triage: found === undefined ? null : { critical: found.critical, high: found.high, all: found.found },
      builds: queue === undefined ? null : { queued: queue.queue_depth, slotsFree: queue.slots_available },
      ...windowOf(quota.get(id), at),
    }
  }
}
