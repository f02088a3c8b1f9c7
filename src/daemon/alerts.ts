import type { LoadedConfig } from '../config/index.ts'
import type { AskRequest, Reply } from '../core/carrier.ts'
import { messageOf, VcError } from '../core/errors.ts'
import { K, type Log } from '../core/log.ts'
import type { FleetPlan } from '../core/plan.ts'
import type { Row, RowBatch } from '../core/rows.ts'
import { type AlertAction, checkedAction } from '../oracle/alert-action.ts'
import type { Transition } from '../oracle/alert-transition.ts'
import type { Alert } from '../oracle/evaluate.ts'
import type { UserRow } from '../oracle/user-rule.ts'
import type { FleetRows } from '../queries/fleet-rows.ts'
import type { FleetPicture } from '../queries/picture.ts'
import { type SameMachines, sameMachines } from '../queries/same-machine.ts'
import { type Store, silencedAlerts, standingAlerts } from '../store/index.ts'
import { openFleetLook } from './alert-fleet-look.ts'
import { type AlertKeeper, openAlertKeeper } from './alert-keeper.ts'
import { openAlertLook } from './alert-look.ts'
import { openUserRules } from './alert-user-rules.ts'

export interface AlertsPorts {
  readonly store: Pick<Store, 'db' | 'write'>
  readonly config: () => LoadedConfig['config']
  readonly plan: () => FleetPlan
  /** A named query about now, over the rows of this look: those kept ready are of the look before. */
  readonly ask: (request: AskRequest, rows: FleetRows) => Promise<Reply>
  /** Rows of the SQL of a rule. */
  readonly sqlRows: (sql: string) => Promise<readonly UserRow[]>
  /** Nothing new is kept: all that is known grows old, and rules over it would blame machines for that. */
  readonly keepsNothing?: () => boolean
  readonly now: () => Date
  readonly log: Log
  /** Tells people; called after the alerts of a look were stored. */
  readonly onTransitions?: (transitions: readonly Transition[], standing: readonly Alert[], looked: boolean) => void
}

export interface Alerts {
  /** These rows were written by a run. */
  wrote(batches: readonly RowBatch[], source: string): void
  /** One look: the rows of `alerts` that changed. Say afterwards whether they were stored. */
  judge(picture: FleetPicture, now: Date): Promise<readonly Row[]>
  stored(ok: boolean): void
  act(given: Readonly<Record<string, unknown>>): Promise<Alert>
  standing(): Promise<readonly Alert[]>
  /** Alerts that another part of vc judged and stored itself. */
  take(alerts: readonly Alert[], nowMs: number): Promise<void>
}

/** Entries that are one machine are judged once, under the first that can be reached. */
const without = (picture: FleetPicture, same: SameMachines): FleetPicture =>
  same.size === 0 ? picture : { ...picture, machines: picture.machines.filter(({ view }) => !same.has(view.machineId)) }

const whyNotJudged = (picture: FleetPicture, same: SameMachines, id: string): string => {
  const other = same.get(id)
  if (other !== undefined) return `${id} is the same machine as ${other}, which is judged`
  const known = picture.rows.machines.some((row) => row.machine_id === id)
  return `${id} ${known ? 'is disabled in vc.toml' : 'left vc.toml'}: nobody looks there any more`
}

/** Rules over everything vc knows: read what changed, judge, remember, tell. */
export const openAlerts = (ports: AlertsPorts): Alerts => {
  const { store, log } = ports
  const look = openAlertLook(store.db)
  const fleet = openFleetLook()
  const rules = openUserRules(
    (rule, why) => log.warn({ rule, [K.detail]: why }, 'a rule of vc.toml could not be asked'),
    ports.sqlRows,
  )
  // Loaded once, and again only when that failed.
  let keeper: Promise<AlertKeeper> | null = null
  const kept = (): Promise<AlertKeeper> => {
    keeper ??= Promise.all([standingAlerts(store.db), silencedAlerts(store.db, ports.now())]).then(
      ([standing, ended]) => openAlertKeeper([...standing, ...ended], ports.now().getTime()),
    )
    keeper.catch(() => {
      keeper = null
    })
    return keeper
  }
  let pending: { readonly rows: readonly Row[]; readonly transitions: readonly Transition[] } | null = null

  const write = async (row: Row): Promise<void> => {
    const batches = [{ table: 'alerts', rows: [row] }]
    const outcome = await store.write({
      machineId: 'fleet',
      source: 'alert.action',
      at: ports.now(),
      batches,
      awaited: true,
    })
    if (!outcome.ok) throw new VcError('not_stored', `it was not stored: ${outcome.detail}`, 'look with: vc doctor')
  }
  return {
    wrote(batches, source) {
      const tables = [...batches.map((batch) => batch.table), `scrapes:${source}`]
      look.wrote(tables)
      fleet.wrote(tables)
    },
    async judge(picture, now) {
      if (ports.keepsNothing?.() ?? false) {
        await kept()
        pending = { rows: [], transitions: [] }
        return []
      }
      const { alerts: config, rules: own } = ports.config()
      const same = sameMachines(picture)
      try {
        const [book, machines, signals, userRules] = await Promise.all([
          kept(),
          look.machines(without(picture, same), now, config.unanswered_minutes),
          fleet.signals({ db: store.db, now, plan: ports.plan() }, config),
          rules.asked(own, (request) => ports.ask(request, picture.rows), now.getTime()),
        ])
        const disabled = new Set(config.disabled_rules)
        const asked = userRules.filter(({ rule }) => !disabled.has(rule.id))
        pending = book.judge({
          machines,
          fleet: signals,
          userRules: asked,
          disabled,
          nowMs: now.getTime(),
          whyNotJudged: (id) => whyNotJudged(picture, same, id),
        })
        return pending.rows
      } catch (error) {
        // Status and health of machines do not wait for a rule that could not be asked; the next look tries again.
        log.error({ [K.detail]: messageOf(error) }, 'alerts were not judged')
        return []
      }
    },
    stored(ok) {
      const done = pending
      pending = null
      if (done === null || keeper === null) return
      void keeper.then((book) => {
        if (!ok && done.rows.length > 0) book.notStored(done.rows)
        // People are told although the disk is full: that is when they need it most.
        ports.onTransitions?.(done.transitions, book.standing(), true)
      })
    },
    async act(given) {
      const action: AlertAction = checkedAction(given)
      const { alert, row } = (await kept()).act(action, ports.now().getTime())
      await write(row)
      return alert
    },
    standing: async () => (await kept()).standing(),
    async take(alerts, nowMs) {
      const book = await kept()
      const { transitions } = book.take(alerts, nowMs)
      ports.onTransitions?.(transitions, book.standing(), false)
    },
  }
}
