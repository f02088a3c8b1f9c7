import * as z from 'zod'
import { defineQuery } from './define.ts'
import { atParam, momentOf } from './params.ts'
import { fleetPicture, type MachineState, pictureStaleness, pictureWarnings, roundPct, roundTo } from './picture.ts'
import { type SameMachines, sameMachines, sameMachineWarnings } from './same-machine.ts'
import { agentCounts, count, isoTime, machineStatus, pct, unit } from './shapes.ts'

/** One machine in a list; `machine <id>` has the rest. */
export const machineLine = z.object({
  id: z.string(),
  hostname: z.string().nullable(),
  ssh: z.string(),
  tags: z.array(z.string()),
  status: machineStatus,
  status_reason: z.string().nullable(),
  health: unit,
  top_issue: z.string().nullable(),
  last_seen: isoTime,
  age_s: count.nullable().describe('seconds since it last answered; null = never'),
  stale: z.boolean(),
  transport: z.string().nullable(),
  cores: count.nullable(),
  cpu_pct: pct.nullable(),
  mem_pct: pct.nullable(),
  mem_total_bytes: count.nullable(),
  disk_used_pct: pct.nullable().describe('fullest filesystem'),
  disk_mount: z.string().nullable(),
  load5: z.number().nullable(),
  agents: agentCounts,
  clock_skew_ms: z.number().nullable(),
  same_as: z
    .string()
    .nullable()
    .describe('id of the entry that is this same machine for the same user; alerts are told of that one alone'),
  writes_allowed: z.boolean().describe('vc.toml lets vc change something there; agents are steered nowhere else'),
})

const stringList = (json: string): string[] => {
  const value: unknown = JSON.parse(json)
  return Array.isArray(value) ? value.map(String) : []
}

export const machineLineOf = (m: MachineState, same: SameMachines): z.input<typeof machineLine> => {
  const fullest = m.view.filesystems
    .filter((fs) => fs.usedPct !== null)
    .sort((a, b) => (b.usedPct ?? 0) - (a.usedPct ?? 0))[0]
  return {
    id: m.view.machineId,
    hostname: m.hostname,
    ssh: m.machine.ssh_target,
    tags: stringList(m.machine.tags_json),
    status: m.view.status,
    status_reason: m.view.statusReason,
    health: m.health.score,
    top_issue: m.health.topIssue,
    last_seen: m.lastSeen,
    age_s: m.view.ageS,
    stale: m.view.ageS === null || m.view.ageS > m.view.staleAfterS,
    transport: m.machine.transport,
    cores: m.view.cores,
    cpu_pct: roundPct(m.view.cpuPct),
    mem_pct: roundPct(m.view.memUsedPct),
    mem_total_bytes: m.sys?.mem_total_bytes ?? null,
    disk_used_pct: roundPct(fullest?.usedPct ?? null),
    disk_mount: fullest?.mount ?? null,
    load5: roundTo(m.view.load5, 2),
    agents: m.agentsByState,
    clock_skew_ms: m.machine.clock_skew_ms,
    same_as: same.get(m.view.machineId) ?? null,
    writes_allowed: m.machine.allow_write_commands,
  }
}

export const machines = defineQuery({
  name: 'machines',
  version: 1,
  summary: 'Every machine: status, age, load, agents, worst first',
  params: z.strictObject({ ...atParam, tag: z.string().optional().describe('only machines with this tag') }),
  data: z.object({ machines: z.array(machineLine) }),
  example: {},
  async load(params, ctx) {
    const fleet = await fleetPicture(ctx, momentOf(params, ctx.now))
    const same = sameMachines(fleet)
    const lines = fleet.machines.map((m) => machineLineOf(m, same))
    return {
      data: {
        machines: params.tag === undefined ? lines : lines.filter((line) => line.tags.includes(params.tag ?? '')),
      },
      staleness: pictureStaleness(fleet),
      warnings: [...pictureWarnings(fleet), ...sameMachineWarnings(same)],
    }
  },
})
