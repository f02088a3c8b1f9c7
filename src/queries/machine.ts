import * as z from 'zod'
import { usageError } from '../core/errors.ts'
import { SOURCE_STANDINGS, sourceStanding } from '../core/faults.ts'
import { momentWords } from '../core/moment.ts'
import { nearestName } from '../core/nearest.ts'
import { machineById, meterHistory } from '../store/index.ts'
import { agentLine } from './agents.ts'
import { defineQuery, type QueryContext } from './define.ts'
import { readFindings, readPressure, readTools, readTopProcesses } from './fleet-rows.ts'
import { findingLine, findingOf } from './guards.ts'
import { machineLine, machineLineOf } from './machines.ts'
import { refuseNotLoaded } from './not-loaded.ts'
import { atParam, momentOf } from './params.ts'
import {
  fleetPicture,
  type MachineState,
  pictureStaleness,
  pictureWarnings,
  roundPct,
  roundTo,
  unlookedWords,
} from './picture.ts'
import { bootedAt } from './reboots.ts'
import { readSameMachines } from './same-machine.ts'
import { agentState, count, isoTime, pct, unit } from './shapes.ts'

const point = z.object({
  at: isoTime.describe('start of the step'),
  cpu_pct: pct.nullable(),
  mem_pct: pct.nullable(),
  load5: z.number().nullable(),
})

const HOUR_MS = 3_600_000

const historyOf = async (ctx: QueryContext, id: string, hours: number, until: Date) => {
  if (hours === 0) return null
  const { stepS, points } = await meterHistory(ctx.db, {
    machineId: id,
    since: new Date(until.getTime() - hours * HOUR_MS),
    until,
  })
  return {
    step_s: stepS,
    points: points.map((row) => ({
      at: row.bucket_at,
      cpu_pct: roundPct(row.cpu_pct),
      mem_pct:
        row.mem_used_bytes === null || !row.mem_total_bytes
          ? null
          : roundPct((100 * row.mem_used_bytes) / row.mem_total_bytes),
      load5: row.load5 === null ? null : Math.round(row.load5 * 100) / 100,
    })),
  }
}

const rate = z.number().min(0).nullable().describe('per second')

// Who asks for it perhaps wants its past, which is all that is left of it.
const refuseRemoved = async (ctx: QueryContext, id: string): Promise<void> => {
  const removed = (await machineById(ctx.db, id))?.removed_at ?? null
  if (removed === null) return
  const before = new Date(Date.parse(removed) - 1_000).toISOString()
  throw usageError(
    'machine_removed',
    `${id} left vc.toml at ${momentWords(new Date(removed), ctx.now)}: nobody looks at it any more`,
    `how it was: vc robot machine ${id} --at ${before}; to look again: vc machines add ${id} <ssh target>`,
  )
}

const identityOf = (m: MachineState) => ({
  os: m.machine.os,
  os_version: m.machine.os_version,
  kernel: m.machine.kernel,
  boot_id: m.machine.boot_id,
  booted_at: bootedAt(m)?.toISOString() ?? null,
})

export const machine = defineQuery({
  name: 'machine',
  version: 1,
  summary: 'Everything vc knows of one machine',
  params: z.strictObject({
    ...atParam,
    id: z.string().describe('machine id'),
    hours: z.coerce.number().min(0).max(720).default(0).describe('hours of history of its meters; 0: none'),
  }),
  data: z.object({
    machine: machineLine,
    identity: z.object({
      os: z.string().nullable(),
      os_version: z.string().nullable(),
      kernel: z.string().nullable(),
      boot_id: z.string().nullable(),
      booted_at: isoTime.nullable().describe('by the clock here, from how long it is up'),
    }),
    health_factors: z.array(z.object({ factor: z.string(), score: unit.nullable(), evidence: z.string() })),
    system: z
      .object({
        as_of: isoTime,
        uptime_s: z.number().nullable(),
        load1: z.number().nullable(),
        load5: z.number().nullable(),
        load15: z.number().nullable(),
        cpu_pct: pct.nullable().describe('null on the first poll after a start or reboot'),
        iowait_pct: pct.nullable(),
        mem_used_bytes: count.nullable(),
        mem_total_bytes: count.nullable(),
        swap_used_bytes: count.nullable(),
        swap_total_bytes: count.nullable(),
        disk_read_bytes_per_s: rate,
        disk_write_bytes_per_s: rate,
        net_rx_bytes_per_s: rate,
        net_tx_bytes_per_s: rate,
        oom_kills: z.number().nullable().describe('since the sample before'),
      })
      .nullable(),
    filesystems: z.array(z.object({ mount: z.string(), used_pct: pct.nullable(), inodes_used_pct: pct.nullable() })),
    pressure: z.array(
      z.object({ resource: z.string(), kind: z.string(), avg10_pct: pct.nullable(), avg60_pct: pct.nullable() }),
    ),
    top_processes: z.array(
      z.object({
        pid: count,
        comm: z.string().nullable(),
        cpu_pct: z.number().nullable(),
        mem_bytes: count.nullable(),
        open_files: count.nullable().describe('null: only sysmoni counts them'),
        io_read_bytes_per_s: rate,
        io_write_bytes_per_s: rate,
      }),
    ),
    suspect_processes: z
      .array(findingLine.omit({ machine: true }))
      .describe('what process triage thinks abandoned or stuck'),
    agents: z.array(agentLine.pick({ agent: true, cli: true, state: true, reason: true, since: true, cwd: true })),
    tools: z.array(
      z.object({
        tool: z.string(),
        available: z.boolean(),
        version: z.string().nullable(),
        path: z.string().nullable(),
      }),
    ),
    sources: z.array(
      z.object({
        source: z.string(),
        up: z.boolean(),
        standing: z.enum(SOURCE_STANDINGS).describe('absent: its tool is not there, or there is nothing to look at'),
        fault: z.string().nullable(),
        ok_age_s: count.nullable(),
        interval_s: count,
      }),
    ),
    history: z
      .object({ step_s: count, points: z.array(point) })
      .nullable()
      .describe('as many hours back as asked for; steps without samples are left out; null: not asked for'),
  }),
  example: { id: 'local' },
  async load(params, ctx) {
    const at = momentOf(params, ctx.now)
    const fleet = await fleetPicture(ctx, at, params.id)
    const m = fleet.machines.find((candidate) => candidate.view.machineId === params.id)
    if (!m) {
      const configured = ctx.plan.machines.find((plan) => plan.machineId === params.id)
      const { because, fix } = unlookedWords(fleet.paused)
      if (at === null) await refuseNotLoaded(ctx, params.id)
      if (configured)
        throw usageError(
          configured.enabled ? 'not_looked_yet' : 'machine_disabled',
          configured.enabled
            ? `nothing has looked at ${params.id} yet${because}`
            : `${params.id} is disabled: nobody looks at it`,
          configured.enabled ? fix : `vc machines enable ${params.id}`,
        )
      await refuseRemoved(ctx, params.id)
      const names = ctx.plan.machines.map((plan) => plan.machineId)
      const near = nearestName(params.id, names)
      throw usageError(
        'unknown_machine',
        `no machine is called “${params.id}”${near ? `; did you mean ${near}?` : ''}`,
        `machines: ${names.join(', ') || 'none'}`,
      )
    }
    const [same, pressure, top, tools, findings, history] = await Promise.all([
      readSameMachines(ctx, at, fleet, params.id),
      readPressure(ctx, at, params.id),
      readTopProcesses(ctx, at, params.id),
      readTools(ctx, at, params.id),
      readFindings(ctx, at, params.id),
      historyOf(ctx, params.id, params.hours, at ?? ctx.now),
    ])
    const sys = m.sys
    return {
      data: {
        machine: machineLineOf(m, same),
        identity: identityOf(m),
        health_factors: m.health.factors.map(({ factor, score, evidence }) => ({
          factor,
          score: roundTo(score, 3),
          evidence,
        })),
        system: sys && {
          as_of: sys.collected_at,
          uptime_s: sys.uptime_s,
          load1: roundTo(sys.load1, 2),
          load5: roundTo(sys.load5, 2),
          load15: roundTo(sys.load15, 2),
          cpu_pct: roundPct(sys.cpu_pct),
          iowait_pct: roundPct(sys.iowait_pct),
          mem_used_bytes: sys.mem_used_bytes,
          mem_total_bytes: sys.mem_total_bytes,
          swap_used_bytes: sys.swap_used_bytes,
          swap_total_bytes: sys.swap_total_bytes,
          disk_read_bytes_per_s: roundTo(sys.disk_read_bytes_per_s, 0),
          disk_write_bytes_per_s: roundTo(sys.disk_write_bytes_per_s, 0),
          net_rx_bytes_per_s: roundTo(sys.net_rx_bytes_per_s, 0),
          net_tx_bytes_per_s: roundTo(sys.net_tx_bytes_per_s, 0),
          oom_kills: sys.oom_kills,
        },
        filesystems: m.view.filesystems.map((fs) => ({
          mount: fs.mount,
          used_pct: roundPct(fs.usedPct),
          inodes_used_pct: roundPct(fs.inodesUsedPct),
        })),
        pressure: pressure.map((p) => ({
          resource: p.resource,
          kind: p.kind,
          avg10_pct: roundPct(p.avg10_pct),
          avg60_pct: roundPct(p.avg60_pct),
        })),
        top_processes: top.map((p) => ({
          pid: p.pid,
          comm: p.comm,
          cpu_pct: roundTo(p.cpu_pct, 1),
          mem_bytes: p.mem_bytes,
          open_files: p.fd_count,
          io_read_bytes_per_s: roundTo(p.io_read_bytes_per_s, 0),
          io_write_bytes_per_s: roundTo(p.io_write_bytes_per_s, 0),
        })),
        suspect_processes: findings.map((row) => {
          const { machine: _, ...finding } = findingOf(row)
          return finding
        }),
        agents: fleet.rows.agents
          .filter((a) => a.machine_id === params.id && a.ended === null)
          .map((a) => ({
            agent: a.agent_id,
            cli: a.cli,
            state: agentState.parse(a.state ?? 'unknown'),
            reason: a.reason,
            since: a.since,
            cwd: a.cwd,
          })),
        tools: tools.map((t) => ({ tool: t.tool_name, available: t.available, version: t.version, path: t.path })),
        sources: m.view.sources.map((s) => ({
          source: s.source,
          up: s.up,
          standing: sourceStanding(s),
          fault: s.fault,
          ok_age_s: s.okAgeS,
          interval_s: s.intervalS,
        })),
        history,
      },
      staleness: pictureStaleness(fleet),
      warnings: pictureWarnings(fleet),
    }
  },
})
