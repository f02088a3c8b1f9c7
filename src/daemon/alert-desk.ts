import { join } from 'node:path'
import type { LoadedConfig } from '../config/index.ts'
import { usageError } from '../core/errors.ts'
import { K, type Log } from '../core/log.ts'
import type { FleetPlan } from '../core/plan.ts'
import type { Row } from '../core/rows.ts'
import type { Alert } from '../oracle/evaluate.ts'
import { answer, queries } from '../queries/index.ts'
import { alertDeliveries, endedAlerts, type Store } from '../store/index.ts'
import { openJobRunner } from '../transport/jobs.ts'
import type { Told } from '../transport/notify.ts'
import { appendAlertLine } from '../transport/notify-file.ts'
import { type AlertDelivery, LONGEST_QUIET_MS, openAlertDelivery } from './alert-delivery.ts'
import { fromStored } from './alert-rows.ts'
import { type SendPlaces, sendAlert } from './alert-send.ts'
import { openSqlRules } from './alert-sql-rules.ts'
import { type Alerts, openAlerts } from './alerts.ts'

export interface DeskPorts {
  readonly store: Store
  readonly loaded: () => LoadedConfig
  readonly plan: () => FleetPlan
  readonly keepsNothing?: () => boolean
  readonly now: () => Date
  readonly log: Log
}

/** Everything about alerts that the owner of the store does: judge them, take a person's word, tell people. */
export interface AlertDesk {
  readonly alerts: Alerts
  act(given: Readonly<Record<string, unknown>>): Promise<Alert>
  /** Sends a test over one channel (null: all) now. */
  test(given: Readonly<Record<string, unknown>>): Promise<readonly { readonly channel: string; readonly told: Told }[]>
  stop(): Promise<void>
}

const REMEMBER_MS = 7 * 86_400_000

const placesOf = ({ paths }: LoadedConfig): SendPlaces => ({
  env: process.env,
  platform: process.platform,
  alertsFile: join(paths.dataDir, 'alerts.jsonl'),
})

const openDelivery = async (ports: DeskPorts, standing: readonly Alert[]): Promise<AlertDelivery> => {
  const { store, loaded, now, log } = ports
  const nowMs = now().getTime()
  const past = await alertDeliveries(store.db, { since: new Date(nowMs - REMEMBER_MS), limit: 100_000 })
  const ended = await endedAlerts(store.db, new Date(nowMs - LONGEST_QUIET_MS))
  const keep = async (rows: readonly Row[]): Promise<void> => {
    if (rows.length === 0) return
    const batches = [{ table: 'alert_deliveries', rows }]
    const outcome = await store.write({ machineId: 'fleet', source: 'alert.delivery', at: now(), batches })
    if (!outcome.ok) log.error({ [K.detail]: outcome.detail }, 'who was told was not stored')
  }
  return openAlertDelivery(
    {
      config: () => loaded().config.alerts,
      tagsOf: (machineId) => loaded().config.machines.find((machine) => machine.id === machineId)?.tags ?? [],
      send: (channel, message) => sendAlert(channel, message, placesOf(loaded())),
      jsonl: (message) => appendAlertLine(placesOf(loaded()).alertsFile, JSON.stringify(message)),
      store: keep,
      now,
      log,
    },
    past,
    standing,
    ended.map((row) => fromStored(row, nowMs)),
  )
}

export const openAlertDesk = async (ports: DeskPorts): Promise<AlertDesk> => {
  const sql = openSqlRules(ports.store, openJobRunner(), ports.now)
  const alerts = openAlerts({
    ...ports,
    sqlRows: sql.rows,
    ask: (request, rows) =>
      answer(queries, request, { db: ports.store.db, now: ports.now(), plan: ports.plan(), ready: async () => rows }),
    config: () => ports.loaded().config,
    onTransitions: (transitions, standing, looked) => delivery.told(transitions, standing, looked),
  })
  const delivery = await openDelivery(ports, await alerts.standing())
  return {
    alerts,
    act: alerts.act,
    async test({ channel }) {
      const names = ports.loaded().config.alerts.channels.map((one) => one.name)
      if (channel !== null && channel !== undefined && !names.includes(String(channel)))
        throw usageError(
          'unknown_channel',
          `vc.toml has no channel '${String(channel).slice(0, 64)}'`,
          names.length === 0
            ? 'add one: [[alerts.channels]], see vc config explain alerts.channels'
            : `channels: ${names.join(', ')}`,
        )
      return delivery.test(typeof channel === 'string' ? channel : null)
    },
    async stop() {
      await sql.stop()
      await delivery.run()
      await delivery.stop()
    },
  }
}
