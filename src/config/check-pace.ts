import type { Draft } from './checks.ts'
import { COLLECTOR_KEYS, COLLECTOR_NAMES, type CollectorName } from './collector-keys.ts'
import { keyText, valueAt } from './issues.ts'
import type { KeyPath } from './positions.ts'

interface Found {
  readonly value: number
  /** Null: nobody wrote it, it is the collector's own. */
  readonly path: KeyPath | null
}

const numberAt = (draft: Draft, path: KeyPath): Found | null => {
  const value = valueAt(draft.root, path)
  return typeof value === 'number' ? { value, path } : null
}

interface Lane {
  readonly sections: readonly KeyPath[]
  readonly local: boolean
}

/** Every (machine, collector) pair as the file would have it; without machines, this machine alone. */
function lanesOf(draft: Draft, name: CollectorName): Lane[] {
  const machines = valueAt(draft.root, ['machines'])
  const general = ['collectors', name]
  if (!Array.isArray(machines) || machines.length === 0) return [{ sections: [general], local: true }]
  return machines.map((_, index) => ({
    sections: [['machines', index, 'collectors', name], general],
    local: valueAt(draft.root, ['machines', index, 'ssh']) === 'local',
  }))
}

const firstOf = (draft: Draft, lane: Lane, key: string): Found | null =>
  lane.sections.map((section) => numberAt(draft, [...section, key])).find((found) => found !== null) ?? null

function intervalOf(draft: Draft, lane: Lane, name: CollectorName): Found {
  const own = COLLECTOR_KEYS[name].interval
  return (
    firstOf(draft, lane, 'interval_seconds') ??
    numberAt(draft, ['polling', 'default_interval_seconds']) ?? {
      value: lane.local ? own.localS : own.remoteS,
      path: null,
    }
  )
}

function checkTimeout(draft: Draft, lane: Lane, name: CollectorName): void {
  const timeout = firstOf(draft, lane, 'timeout_seconds')
  const interval = intervalOf(draft, lane, name)
  if (timeout?.path == null || timeout.value <= interval.value) return
  const whose =
    interval.path === null
      ? `the ${lane.local ? 'local' : 'remote'} interval of ${name}`
      : keyText(draft.root, interval.path)
  draft.add({
    severity: 'error',
    code: 'timeout_above_interval',
    path: timeout.path,
    message: `${keyText(draft.root, timeout.path)} (${timeout.value} s) is above ${whose} (${interval.value} s)`,
    fix: `set timeout_seconds = ${interval.value} or less, or a longer interval_seconds`,
  })
}

function checkTick(draft: Draft, lane: Lane, name: CollectorName): void {
  const interval = intervalOf(draft, lane, name)
  const key = lane.local ? 'base_tick_local_seconds' : 'base_tick_remote_seconds'
  const tick = numberAt(draft, ['polling', key])?.value ?? (lane.local ? 2 : 10)
  if (interval.path === null || tick < 1 || interval.value % tick === 0) return
  const rounded = Math.ceil(interval.value / tick) * tick
  const where = keyText(draft.root, interval.path)
  const kind = lane.local ? 'this machine' : 'ssh machines'
  draft.add({
    severity: 'warning',
    code: 'interval_rounded',
    path: interval.path,
    message: `${where} (${interval.value} s) is no multiple of the tick of ${kind} (${tick} s); there it runs every ${rounded} s`,
    fix: `write ${rounded}, or set polling.${key}`,
  })
}

/** A run must be over before the next is due; what is due together must fall on one tick. */
export function checkPace(draft: Draft): void {
  for (const name of COLLECTOR_NAMES) {
    for (const lane of lanesOf(draft, name)) {
      checkTimeout(draft, lane, name)
      checkTick(draft, lane, name)
    }
  }
}
