import type { FleetSignals, MachineSignals } from './alert-signals.ts'
import { type Alert, evaluate, frozen, resolved } from './evaluate.ts'
import type { Rule } from './rule.ts'
import { causeRule, fleetRules, machineRules, signalRules, storeRules } from './rules/index.ts'
import type { UserPicture } from './user-rule.ts'

/** A rule of vc.toml and the rows it is asked about; null rows: they could not be read now. */
export interface AskedRule {
  readonly rule: Rule<UserPicture>
  readonly picture: UserPicture
}

export interface AlertQuestion {
  readonly machines: readonly MachineSignals[]
  readonly fleet: FleetSignals
  readonly userRules: readonly AskedRule[]
  /** Every alert that is not resolved. */
  readonly known: readonly Alert[]
  /** Rules that vc.toml switched off. */
  readonly disabled: ReadonlySet<string>
  readonly nowMs: number
  /** Why a machine is not among `machines`. */
  readonly whyNotJudged?: (machineId: string) => string
}

/** Two entries that are one machine: same boot and same name, and not looked at as two different users. */
export interface MachineIdentity {
  readonly machineId: string
  readonly bootId: string | null
  readonly hostname: string | null
  /** Whom vc.toml names to log in as; null where the ssh_config decides. */
  readonly user: string | null
  readonly reachable: boolean
}

/** Each user has terminals, transcripts and agents of its own, which no other entry sees. */
const sameUser = (one: MachineIdentity, other: MachineIdentity): boolean =>
  one.user === null || other.user === null || one.user === other.user

/** Machine id to the entry that speaks for it: of several entries for one machine the first that can be reached. */
export const duplicateMachines = (machines: readonly MachineIdentity[]): ReadonlyMap<string, string> => {
  const known = machines.filter(({ bootId, hostname }) => bootId !== null && hostname !== null)
  const groups = Map.groupBy(known, ({ bootId, hostname }) => `${bootId} ${hostname}`)
  const same = new Map<string, string>()
  for (const group of groups.values()) {
    const speakers: MachineIdentity[] = []
    for (const one of group.toSorted(
      (a, b) => Number(b.reachable) - Number(a.reachable) || a.machineId.localeCompare(b.machineId),
    )) {
      const speaker = speakers.find((other) => sameUser(one, other))
      if (speaker === undefined) speakers.push(one)
      else if (one.reachable) same.set(one.machineId, speaker.machineId)
    }
  }
  return same
}

const STORE_RULES: ReadonlySet<string> = new Set(storeRules.map((rule) => rule.id))

interface MachineVerdict {
  readonly alerts: readonly Alert[]
  /** The alert that says why nothing else is known of it. */
  readonly cause: string | null
  readonly unreachable: boolean
}

const on = <Picture>(rules: readonly Rule<Picture>[], disabled: ReadonlySet<string>): readonly Rule<Picture>[] =>
  disabled.size === 0 ? rules : rules.filter((rule) => !disabled.has(rule.id))

const causeRules = [causeRule]
const otherRules: ReadonlySet<string> = new Set([...machineRules, ...signalRules].map((rule) => rule.id))

const judgeMachine = (signals: MachineSignals, known: readonly Alert[], question: AlertQuestion): MachineVerdict => {
  const { nowMs, disabled } = question
  const { machine } = signals
  const causes = evaluate(on(causeRules, disabled), machine, known, nowMs)
  // One failed attempt is no alert yet, but what is older than it must not be judged again either.
  const unreachable = machine.transportFailures > 0 || machine.status === 'offline'
  if (unreachable) {
    // Not one that is only waiting for its clear time: that is about the way before.
    const cause = causes.find((alert) => alert.status === 'firing' && alert.goneMs === 0)?.alertId ?? null
    const others = known.filter((alert) => otherRules.has(alert.rule) && !disabled.has(alert.rule))
    return { alerts: [...causes, ...others.map((alert) => frozen(alert, nowMs, cause))], cause, unreachable }
  }
  const alerts = [
    ...causes,
    ...evaluate(on(machineRules, disabled), machine, known, nowMs),
    ...evaluate(on(signalRules, disabled), signals, known, nowMs),
  ]
  return { alerts, cause: null, unreachable }
}

const judgeUserRule = (
  { rule, picture }: AskedRule,
  known: readonly Alert[],
  verdicts: ReadonlyMap<string, MachineVerdict>,
  nowMs: number,
): readonly Alert[] => {
  const away = (machineId: string | null): MachineVerdict | null => {
    const verdict = machineId === null ? undefined : verdicts.get(machineId)
    return verdict?.unreachable ? verdict : null
  }
  const waiting = known.filter((alert) => away(alert.machineId) !== null)
  const reachable: Rule<UserPicture> = {
    ...rule,
    judge: (rows, stands) => rule.judge(rows, stands)?.filter((finding) => away(finding.machineId) === null) ?? null,
  }
  return [
    ...evaluate(
      [reachable],
      picture,
      known.filter((alert) => !waiting.includes(alert)),
      nowMs,
    ),
    ...waiting.map((alert) => frozen(alert, nowMs, away(alert.machineId)?.cause ?? null)),
  ]
}

/**
 * One look at everything: each alert as it is afterwards, resolved ones of this look included. What can no longer be
 * judged because its machine or its rule is gone is resolved, and says so; what cannot be judged now stays.
 */
export const judgeAll = (question: AlertQuestion): readonly Alert[] => {
  const { nowMs, disabled } = question
  const known = question.known.filter((alert) => !STORE_RULES.has(alert.rule))
  const byMachine = Map.groupBy(known, (alert) => alert.machineId)
  const userIds = new Set(question.userRules.map(({ rule }) => rule.id))
  const machines = new Map(question.machines.map((signals) => [signals.machine.machineId, signals]))
  const verdicts = new Map(
    [...machines].map(([id, signals]) => [id, judgeMachine(signals, byMachine.get(id) ?? [], question)]),
  )
  const after = [
    ...[...verdicts.values()].flatMap((verdict) => verdict.alerts),
    ...evaluate(on(fleetRules, disabled), question.fleet, byMachine.get(null) ?? [], nowMs),
    ...question.userRules.flatMap((asked) =>
      judgeUserRule(
        asked,
        known.filter((alert) => alert.rule === asked.rule.id),
        verdicts,
        nowMs,
      ),
    ),
  ]
  const seen = new Set(after.map((alert) => alert.alertId))
  const left = known.filter(
    (alert) => !seen.has(alert.alertId) || (alert.rule.startsWith('user:') && !userIds.has(alert.rule)),
  )
  const because = ({ rule, machineId }: Alert): string => {
    if (machineId !== null && !machines.has(machineId))
      return question.whyNotJudged?.(machineId) ?? `${machineId} is not looked at any more`
    return `the rule ${rule} is not asked any more`
  }
  return [...after, ...left.map((alert) => resolved(alert, nowMs, because(alert)))]
}
