import type { Row } from '../../src/core/rows.ts'
import { openAlertKeeper } from '../../src/daemon/alert-keeper.ts'
import type { StoredAlert } from '../../src/daemon/alert-rows.ts'
import type { MachineSignals } from '../../src/oracle/alert-signals.ts'
import type { MachineView } from '../../src/oracle/fleet-picture.ts'
import { fleetSignals, signalsOf } from '../oracle/alert-pictures.ts'

export const view = (over: Partial<MachineView> = {}): MachineView => ({
  machineId: 'atlas',
  enabled: true,
  status: 'online',
  ageS: 3,
  staleAfterS: 35,
  cores: 4,
  cpuPct: 10,
  load5: 1,
  memUsedPct: 30,
  filesystems: [],
  redSources: [],
  dueSources: 1,
  statusReason: null,
  transportFailures: 0,
  transportFault: null,
  sources: [],
  ...over,
})

/** What the store holds after rows were written in order. */
const storedAfter = (rows: readonly Row[]): StoredAlert[] => {
  const iso = (value: unknown) => (value instanceof Date ? value.toISOString() : value)
  const byId = new Map(rows.map((row) => [row.alert_id, row]))
  return [...byId.values()].map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name, iso(value)])),
  ) as unknown as StoredAlert[]
}

export const START = Date.parse('2026-11-20T08:00:00Z')

/** A running vc: looks at machines at given seconds, and can be restarted. */
export const cockpit = () => {
  const written: Row[] = []
  const told: string[] = []
  let keeper = openAlertKeeper([], START)
  return {
    written,
    told,
    keeper: () => keeper,
    restart(atS: number) {
      keeper = openAlertKeeper(storedAfter(written), START + atS * 1000)
    },
    look(atS: number, ...machines: readonly (MachineView | MachineSignals)[]) {
      const nowMs = START + atS * 1000
      const news = keeper.judge({
        machines: machines.map((one) => ('machine' in one ? one : signalsOf(one))),
        fleet: fleetSignals(),
        userRules: [],
        disabled: new Set(),
        nowMs,
      })
      written.push(...news.rows)
      told.push(...news.transitions.map(({ kind, alert }) => `${kind} ${alert.alertId}`))
      return news.rows
    },
  }
}

export const down = (over: Partial<MachineView> = {}): MachineView =>
  view({
    transportFailures: 2,
    transportFault: 'unreachable',
    statusReason: 'connection refused',
    status: 'offline',
    ageS: 90,
    ...over,
  })
export const full = view({ filesystems: [{ mount: '/', usedPct: 95, inodesUsedPct: null }] })
export const hot = view({ load5: 9 })
