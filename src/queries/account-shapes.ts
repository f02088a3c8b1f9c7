import * as z from 'zod'
import { limitName } from '../core/limit-name.ts'
import type { AccountStanding } from '../oracle/account-standing.ts'
import { ageOf, type WindowSeen, type WindowStanding } from '../oracle/account-window.ts'
import { count, isoTime } from './shapes.ts'

const observation = z.object({
  machine: z.string(),
  source: z.string(),
  used_pct: z.number().nullable().describe('0-100, may exceed; null: unknown'),
  resets_at: isoTime.nullable(),
  observed_at: isoTime,
  age_s: count,
  status: z.string().nullable().describe('the word of the source; suspect: not believed'),
  plan: z.string().nullable(),
})

/** One window of one account. */
export const windowLine = z.object({
  provider: z.string(),
  account: z.string(),
  label: z.string().nullable(),
  limit: z.string(),
  window: z.string(),
  used_pct: z.number().nullable().describe('null: unknown, e.g. the observed window has ended since'),
  unknown_because: z.enum(['window_ended', 'suspect', 'not_said']).nullable().describe('why used_pct is null'),
  resets_at: isoTime.nullable(),
  observed_at: isoTime,
  age_s: count,
  stale: z.boolean(),
  status: z.string().nullable(),
  plan: z.string().nullable(),
  credits: z.string().nullable(),
  source: z.string(),
  machine: z.string(),
  attributed_by: z.string().nullable().describe('how an observation that names no account was given this one'),
  conflict: z.string().nullable().describe('two fresh sources differ: how; the first of conflicts'),
  conflicts: z.array(z.string()),
  observations: z.array(observation).describe('every source that speaks of this window, newest first'),
})

export const accountLine = z.object({
  provider: z.string(),
  account: z.string().describe('account id, else a hash of the mail address, else profile:<name>@<machine>'),
  label: z.string().nullable(),
  keys: z.array(z.string()).describe('every key under which this account is known'),
  plan: z.string().nullable(),
  plan_source: z.string().nullable(),
  machines: z.array(z.string()),
  headroom_pct: z.number().nullable().describe('100 minus the fullest window known now; null: none is known'),
  binding_window: z.string().nullable(),
  near_limit: z.boolean(),
  held_until: isoTime.nullable().describe('refused, full or cooling down until then'),
  conflicts: z.array(z.string()),
  profiles: z
    .array(
      z.object({
        machine: z.string(),
        tool: z.string(),
        profile: z.string(),
        active: z.boolean(),
        health: z.string().nullable(),
        cooldown_until: isoTime.nullable(),
        error: z.string().nullable().describe('why caam could not ask with this login'),
      }),
    )
    .describe('logins that caam keeps'),
})

const seenLine = (seen: WindowSeen, atMs: number): z.input<typeof observation> => ({
  machine: seen.machine_id,
  source: seen.observed_source,
  used_pct: seen.used_pct,
  resets_at: seen.resets_at,
  observed_at: seen.observed_at,
  age_s: ageOf(seen, atMs),
  status: seen.status,
  plan: seen.plan,
})

export const toWindowLine = (
  standing: WindowStanding,
  label: string | null,
  atMs: number,
): z.input<typeof windowLine> => {
  const { shown } = standing
  return {
    provider: standing.provider,
    account: standing.account,
    label,
    limit: standing.limit_id,
    window: standing.window_name,
    used_pct: standing.usedPct,
    unknown_because: standing.unknownBecause,
    resets_at: standing.resetsAt,
    observed_at: shown.observed_at,
    age_s: standing.ageS,
    stale: standing.stale,
    status: shown.status,
    plan: shown.plan,
    credits: shown.credits,
    source: shown.observed_source,
    machine: shown.machine_id,
    attributed_by: shown.attributed_by,
    conflict: standing.conflicts[0] ?? null,
    conflicts: [...standing.conflicts],
    observations: standing.seen.map((seen) => seenLine(seen, atMs)),
  }
}

export const toAccountLine = (standing: AccountStanding): z.input<typeof accountLine> => ({
  provider: standing.provider,
  account: standing.account,
  label: standing.label,
  keys: [...standing.keys],
  plan: standing.plan,
  plan_source: standing.planSource,
  machines: [...standing.machines],
  headroom_pct: standing.headroomPct,
  binding_window:
    standing.binding === null
      ? null
      : limitName(standing.provider, standing.binding.limit_id, standing.binding.window_name),
  near_limit: standing.nearLimit,
  held_until: standing.hitUntil,
  conflicts: [...standing.conflicts],
  profiles: standing.profiles.map((one) => ({
    machine: one.machine_id,
    tool: one.tool,
    profile: one.profile_name,
    active: one.active,
    health: one.health,
    cooldown_until: one.cooldownUntil,
    error: one.error,
  })),
})
