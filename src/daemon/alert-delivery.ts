import type { AlertConfig, ChannelConfig } from '../config/schema.ts'
import { sha256 } from '../core/ids.ts'
import { K, type Log } from '../core/log.ts'
import type { Row } from '../core/rows.ts'
import { type AlertMessage, alertMessage, testAlert } from '../oracle/alert-message.ts'
import { mustWait, waitAfter, wants } from '../oracle/alert-routing.ts'
import { overdue, type Transition } from '../oracle/alert-transition.ts'
import type { Alert } from '../oracle/evaluate.ts'
import type { AlertDeliveryRow } from '../store/index.ts'
import type { Told } from '../transport/notify.ts'

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
  /** What the last look turned; `standing` for deadlines. */
  told(transitions: readonly Transition[], standing: readonly Alert[]): void
  /** Sends what is due; resolves when that is done and stored. */
  run(): Promise<void>
  /** One attempt on one channel, or on all, now. Throws nothing; each outcome is stored. */
  test(name: string | null): Promise<readonly { readonly channel: string; readonly told: Told }[]>
  stop(): Promise<void>
}

interface Waiting {
  readonly id: string
  readonly transition: Transition
  readonly channel: ChannelConfig
  attempt: number
  dueMs: number
}

/** One id per alert, time it fired, turn and channel: whatever happens twice is told once. */
const deliveryId = ({ kind, alert }: Pick<Transition, 'kind' | 'alert'>, channel: string): string =>
  sha256([alert.alertId, alert.firedAtMs, kind, kind === 'worse' ? alert.severity : '', channel].join('\u0000')).slice(
    0,
    32,
  )

const TICK_MS = 1_000
/** What fired longer ago than this is not told after a restart. */
const CATCH_UP_MS = 3_600_000

const minuteOf = (now: Date): number => now.getHours() * 60 + now.getMinutes()

export const openAlertDelivery = (
  ports: DeliveryPorts,
  past: readonly AlertDeliveryRow[],
  standing: readonly Alert[],
): AlertDelivery => {
  const finished = new Set(past.filter((row) => row.outcome !== 'failed').map((row) => row.delivery_id))
  const sent = new Set(past.filter((row) => row.outcome === 'sent').map((row) => row.delivery_id))
  const waiting = new Map<string, Waiting>()
  let running: Promise<void> = Promise.resolve()
  let stopped = false

  const queue = (transition: Transition): void => {
    const config = ports.config()
    if (!config.enabled) return
    for (const channel of config.channels) {
      if (!wants(channel, transition, ports.tagsOf(transition.alert.machineId))) continue
      const id = deliveryId(transition, channel.name)
      if (finished.has(id) || waiting.has(id)) continue
      if (transition.kind === 'resolved' && !forgetUntold(transition.alert, channel)) continue
      waiting.set(id, { id, transition, channel, attempt: 0, dueMs: 0 })
    }
  }
  /** False when the channel never heard that it fired: then its end is no news either. */
  const forgetUntold = (alert: Alert, channel: ChannelConfig): boolean => {
    const ids = (['firing', 'worse', 'escalated'] as const).map((kind) => deliveryId({ kind, alert }, channel.name))
    for (const id of ids) waiting.delete(id)
    return ids.some((id) => sent.has(id))
  }
  const lineOf = async (transition: Transition): Promise<void> => {
    const told = await ports.jsonl(alertMessage(transition))
    if (!told.ok) ports.log.warn({ [K.detail]: told.detail }, 'alerts.jsonl was not written')
  }
  const rowOf = (one: Waiting, told: Told, tookMs: number, retryMs: number | null): Row => ({
    delivery_id: one.id,
    attempt: one.attempt,
    alert_id: one.transition.alert.alertId,
    rule: one.transition.alert.rule,
    transition: one.transition.kind,
    channel: one.channel.name,
    kind: one.channel.kind,
    outcome: told.ok ? 'sent' : retryMs === null ? 'given_up' : 'failed',
    status_code: told.code,
    detail: told.detail,
    duration_ms: Math.round(tookMs),
    retry_at: retryMs === null || told.ok ? null : new Date(retryMs),
  })
  const attempt = async (one: Waiting): Promise<Row> => {
    one.attempt++
    const from = performance.now()
    const told = await ports.send(one.channel, alertMessage(one.transition))
    const wait = told.ok || one.transition.kind === 'test' ? null : waitAfter(one.attempt)
    const retryMs = wait === null ? null : ports.now().getTime() + wait
    if (retryMs === null) {
      waiting.delete(one.id)
      finished.add(one.id)
      if (told.ok) sent.add(one.id)
    } else one.dueMs = retryMs
    if (!told.ok) ports.log.warn({ channel: one.channel.name, [K.detail]: told.detail }, 'a channel was not told')
    return rowOf(one, told, performance.now() - from, retryMs)
  }
  const quietOf = (one: Waiting): string | null => one.channel.quiet_hours ?? ports.config().quiet_hours
  const pass = async (): Promise<void> => {
    const now = ports.now()
    const due = [...waiting.values()].filter(
      (one) => one.dueMs <= now.getTime() && !mustWait(quietOf(one), one.transition, minuteOf(now)),
    )
    if (due.length > 0) await ports.store(await Promise.all(due.map(attempt)))
  }
  const run = (): Promise<void> => {
    running = running.then(() =>
      pass().catch((error: unknown) => ports.log.error({ [K.detail]: String(error) }, 'alerts were not delivered')),
    )
    return running
  }
  const nowMs = ports.now().getTime()
  // Whoever fired just before a crash may not have been told yet.
  for (const alert of standing)
    if (
      alert.status === 'firing' &&
      alert.suppressedBy === null &&
      alert.closedAtMs === null &&
      nowMs - (alert.firedAtMs ?? 0) <= CATCH_UP_MS
    )
      queue({ kind: 'firing', alert, atMs: nowMs })
  const timer = setInterval(() => {
    if (waiting.size > 0) void run()
  }, TICK_MS).unref()
  return {
    told(transitions, alerts) {
      const { escalate_minutes: minutes } = ports.config()
      const late = minutes === null ? [] : overdue(alerts, minutes * 60_000, ports.now().getTime())
      for (const transition of [...transitions, ...late]) queue(transition)
      if (transitions.length > 0)
        running = running.then(async () => {
          for (const transition of transitions) await lineOf(transition)
        })
      if (!stopped && waiting.size > 0) void run()
    },
    run,
    async test(name) {
      const transition: Transition = {
        kind: 'test',
        alert: testAlert(ports.now().getTime()),
        atMs: ports.now().getTime(),
      }
      const channels = ports.config().channels.filter((one) => name === null || one.name === name)
      const done = await Promise.all(
        channels.map(async (channel) => {
          const one: Waiting = { id: deliveryId(transition, channel.name), transition, channel, attempt: 0, dueMs: 0 }
          const row = await attempt(one)
          const told: Told = {
            ok: row.outcome === 'sent',
            code: row.status_code as number | null,
            detail: row.detail as string | null,
          }
          return { row, channel: channel.name, told }
        }),
      )
      await ports.store(done.map((one) => one.row))
      return done.map(({ channel, told }) => ({ channel, told }))
    },
    async stop() {
      stopped = true
      clearInterval(timer)
      await running
    },
  }
}
