import type { AlertConfig, ChannelConfig } from '../config/schema.ts'
import { sha256 } from '../core/ids.ts'
import { K, type Log } from '../core/log.ts'
import type { Row } from '../core/rows.ts'
import { type AlertMessage, alertMessage, testAlert } from '../oracle/alert-message.ts'
import { fateOf, mustWait, waitAfter, wants } from '../oracle/alert-routing.ts'
import { overdue, type Transition } from '../oracle/alert-transition.ts'
import type { Alert } from '../oracle/evaluate.ts'
import { SEVERITIES } from '../oracle/rule.ts'
import type { AlertDeliveryRow } from '../store/index.ts'
import type { Told } from '../transport/notify.ts'
import { openLanes } from './alert-lanes.ts'

export interface DeliveryPorts {
  readonly config: () => AlertConfig
  readonly tagsOf: (machineId: string | null) => readonly string[]
  readonly send: (channel: ChannelConfig, message: AlertMessage) => Promise<Told>
  /** Always told, of everything. */
  readonly jsonl: (message: AlertMessage) => Promise<Told>
  readonly store: (rows: readonly Row[]) => Promise<void>
  readonly now: () => Date
  readonly log: Log
}

/** Who is told of what, when, and how often it is tried. */
export interface AlertDelivery {
  /** What the last look turned; `standing` for deadlines, unless nobody `looked` at all of it: a run before may have left it. */
  told(transitions: readonly Transition[], standing: readonly Alert[], looked?: boolean): void
  /** Sends what is due; resolves when that is done and stored. */
  run(): Promise<void>
  /** One attempt on one channel, or on all, now. Throws nothing; each outcome is stored. */
  test(name: string | null): Promise<readonly { readonly channel: string; readonly told: Told }[]>
  stop(): Promise<void>
}

interface Waiting {
  readonly id: string
  readonly transition: Transition
  /** By name: what vc.toml says of it now counts, not what it said when the alert fired. */
  readonly channel: string
  attempt: number
  dueMs: number
}

/** One id per alert, time it fired, turn and channel: whatever happens twice is told once. */
const deliveryId = ({ kind, alert }: Pick<Transition, 'kind' | 'alert'>, channel: string): string => {
  const severity = kind === 'worse' ? alert.severity : ''
  return sha256([alert.alertId, alert.firedAtMs, kind, severity, channel].join('\u0000')).slice(0, 32)
}

/** Under which ids a channel may have heard that it fired, however bad it is by now. */
const beginnings = (alert: Alert, channel: string): readonly string[] => [
  deliveryId({ kind: 'firing', alert }, channel),
  deliveryId({ kind: 'escalated', alert }, channel),
  ...SEVERITIES.map((severity) => deliveryId({ kind: 'worse', alert: { ...alert, severity } }, channel)),
]

// Whatever goes wrong is one failed attempt of one channel, and never stops the others. No message: it may hold the address.
const notSent = (error: unknown): Told => ({
  ok: false,
  code: null,
  detail: `it could not be sent: ${(error as NodeJS.ErrnoException).code ?? 'unknown reason'}`,
})

const rowOf = (one: Waiting, channel: ChannelConfig, told: Told, tookMs: number, retryMs: number | null): Row => ({
  delivery_id: one.id,
  attempt: one.attempt,
  alert_id: one.transition.alert.alertId,
  rule: one.transition.alert.rule,
  transition: one.transition.kind,
  channel: channel.name,
  kind: channel.kind,
  outcome: told.ok ? 'sent' : retryMs === null ? 'given_up' : 'failed',
  status_code: told.code,
  detail: told.detail,
  duration_ms: Math.round(tookMs),
  retry_at: retryMs === null || told.ok ? null : new Date(retryMs),
})

const TICK_MS = 1_000
/** The lane of alerts.jsonl; no channel may be called so. */
const LINES = ''
const MOST_UNWRITTEN = 1_000
/** What fired or ended longer ago than this is not told after a restart, unless it had to wait. */
const CATCH_UP_MS = 3_600_000
export const LONGEST_QUIET_MS = 86_400_000

const minuteOf = (now: Date): number => now.getHours() * 60 + now.getMinutes()

/** `ended`: what ended lately, closed ones left out; whoever heard of its beginning may not have heard of that. */
export const openAlertDelivery = (
  ports: DeliveryPorts,
  past: readonly AlertDeliveryRow[],
  standing: readonly Alert[],
  ended: readonly Alert[] = [],
): AlertDelivery => {
  const finished = new Set(past.filter((row) => row.outcome !== 'failed').map((row) => row.delivery_id))
  const sent = new Set(past.filter((row) => row.outcome === 'sent').map((row) => row.delivery_id))
  const tried = new Map<string, number>()
  for (const { delivery_id: id, attempt } of past) tried.set(id, Math.max(attempt, tried.get(id) ?? 0))
  const waiting = new Map<string, Waiting>()
  const lanes = openLanes((error) => ports.log.error({ [K.detail]: String(error) }, 'alerts were not delivered'))
  let current: ReadonlyMap<string, Alert> = new Map()
  let stopped = false

  const look = (alerts: readonly Alert[]): void => {
    current = new Map(alerts.map((alert) => [alert.alertId, alert]))
  }
  /** Whether the channel ever heard that it fired: otherwise its end is no news either. */
  const arrived = (alert: Alert, channel: string): boolean => beginnings(alert, channel).some((id) => sent.has(id))
  const queueFor = (transition: Transition, channel: ChannelConfig): void => {
    const { kind, alert } = transition
    if (!wants(channel, transition, ports.tagsOf(alert.machineId))) return
    const id = deliveryId(transition, channel.name)
    if (finished.has(id) || waiting.has(id)) return
    // Who has not heard yet that it fired hears of it at its worst.
    if (kind === 'worse') waiting.delete(deliveryId({ kind: 'firing', alert }, channel.name))
    waiting.set(id, { id, transition, channel: channel.name, attempt: tried.get(id) ?? 0, dueMs: 0 })
  }
  const queue = (transition: Transition): void => {
    const config = ports.config()
    if (config.enabled) for (const channel of config.channels) queueFor(transition, channel)
  }
  /** Lines that found no room: they come before the next. */
  let unwritten: readonly AlertMessage[] = []
  const writeLines = async (transitions: readonly Transition[]): Promise<void> => {
    unwritten = [...unwritten, ...transitions.map(alertMessage)].slice(-MOST_UNWRITTEN)
    for (const message of unwritten) {
      const told = await ports.jsonl(message)
      if (!told.ok) return ports.log.warn({ [K.detail]: told.detail }, 'alerts.jsonl was not written')
      unwritten = unwritten.slice(1)
    }
  }
  const attempt = async (one: Waiting, channel: ChannelConfig, transition: Transition): Promise<Told> => {
    one.attempt++
    const from = performance.now()
    const told = await ports.send(channel, alertMessage(transition)).catch(notSent)
    const wait = told.ok || transition.kind === 'test' ? null : waitAfter(one.attempt)
    const retryMs = wait === null ? null : ports.now().getTime() + wait
    if (retryMs === null) {
      waiting.delete(one.id)
      finished.add(one.id)
      if (told.ok) sent.add(one.id)
    } else one.dueMs = retryMs
    if (!told.ok) ports.log.warn({ channel: channel.name, [K.detail]: told.detail }, 'a channel was not told')
    // Each attempt is stored when it ended: another that hangs must not make this one forgotten.
    await ports.store([rowOf(one, channel, told, performance.now() - from, retryMs)])
    return told
  }
  /** What is older than what just arrived would only mislead. */
  const forgetOlder = (than: Waiting): void => {
    for (const [id, one] of waiting)
      if (
        one.channel === than.channel &&
        one.transition.alert.alertId === than.transition.alert.alertId &&
        one.transition.atMs < than.transition.atMs
      )
        waiting.delete(id)
  }
  /** The turns of one alert go out in their order. */
  const inOrder = async (turns: readonly Waiting[], channel: ChannelConfig): Promise<void> => {
    for (const one of turns) {
      if (!waiting.has(one.id)) continue
      const fate = fateOf(one.transition, current, {
        quietHours: channel.quiet_hours ?? ports.config().quiet_hours,
        nowMs: ports.now().getTime(),
        minute: minuteOf(ports.now()),
        arrived: () => arrived(one.transition.alert, one.channel),
      })
      if (fate === 'drop') waiting.delete(one.id)
      else if (fate !== 'wait' && (await attempt(one, channel, fate)).ok) forgetOlder(one)
    }
  }
  const pass = async (name: string): Promise<void> => {
    const { enabled, channels } = ports.config()
    const channel = channels.find((one) => one.name === name && one.enabled && enabled)
    const mine = [...waiting.values()].filter((one) => one.channel === name)
    if (channel === undefined) for (const { id } of mine) waiting.delete(id)
    else {
      const nowMs = ports.now().getTime()
      const due = mine.filter((one) => one.dueMs <= nowMs)
      const byAlert = Map.groupBy(due, (one) => one.transition.alert.alertId)
      await Promise.all([...byAlert.values()].map((turns) => inOrder(turns, channel)))
    }
  }
  // A channel that hangs keeps nobody but itself.
  const run = async (): Promise<void> => {
    for (const name of new Set([...waiting.values()].map((one) => one.channel))) lanes.run(name, () => pass(name))
    await lanes.idle()
  }
  const catchUp = (transition: Transition, fromMs: number): void => {
    const { kind, alert } = transition
    const nowMs = ports.now().getTime()
    for (const channel of ports.config().enabled ? ports.config().channels : []) {
      const quiet = channel.quiet_hours ?? ports.config().quiet_hours
      const waited = nowMs - fromMs <= LONGEST_QUIET_MS && mustWait(quiet, transition, minuteOf(new Date(fromMs)))
      const sinceMs = Math.max(fromMs, alert.silencedUntilMs ?? 0)
      // Of a beginning hears who has not heard of it, of an end who has.
      const news = arrived(alert, channel.name) === (kind === 'resolved')
      if ((waited || nowMs - sinceMs <= CATCH_UP_MS) && news) queueFor(transition, channel)
    }
  }
  look(standing)
  // What fired or ended just before a crash may not have been told yet.
  for (const alert of standing)
    if (alert.status === 'firing' && alert.closedAtMs === null)
      catchUp({ kind: 'firing', alert, atMs: ports.now().getTime() }, alert.firedAtMs ?? 0)
  for (const alert of ended) {
    const atMs = alert.resolvedAtMs ?? 0
    catchUp({ kind: 'resolved', alert, atMs }, atMs)
  }
  const timer = setInterval(() => {
    if (waiting.size > 0) void run()
  }, TICK_MS).unref()
  return {
    told(transitions, alerts, looked = true) {
      look(alerts)
      const { escalate_minutes: minutes } = ports.config()
      const late = minutes === null || !looked ? [] : overdue(alerts, minutes * 60_000, ports.now().getTime())
      for (const transition of [...transitions, ...late]) queue(transition)
      if (transitions.length > 0) lanes.add(LINES, () => writeLines(transitions))
      if (!stopped && waiting.size > 0) void run()
    },
    run,
    async test(name) {
      const atMs = ports.now().getTime()
      const transition: Transition = { kind: 'test', alert: testAlert(atMs), atMs }
      const channels = ports.config().channels.filter((one) => name === null || one.name === name)
      return Promise.all(
        channels.map(async (channel) => {
          const id = deliveryId(transition, channel.name)
          const one: Waiting = { id, transition, channel: channel.name, attempt: 0, dueMs: 0 }
          return { channel: channel.name, told: await attempt(one, channel, transition) }
        }),
      )
    },
    async stop() {
      stopped = true
      clearInterval(timer)
      await lanes.idle()
    },
  }
}
