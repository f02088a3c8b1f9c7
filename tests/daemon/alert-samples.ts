// What tests of telling alerts start from: a configuration, an alert of atlas, and its turns.
import { parseConfig } from '../../src/config/index.ts'
import { testAlert } from '../../src/oracle/alert-message.ts'
import type { Transition, TransitionKind } from '../../src/oracle/alert-transition.ts'
import type { Alert } from '../../src/oracle/evaluate.ts'

/** `[alerts]` of this text; what is refused in it fails the test. */
export const alertsConfigOf = (toml: string) => {
  const { config, problems } = parseConfig(toml, 'vc.toml')
  if (config === null) throw new Error(JSON.stringify(problems))
  return config.alerts
}

export const alertOf = (over: Partial<Alert> = {}): Alert => ({
  ...testAlert(Date.now()),
  alertId: 'disk_low:atlas:/',
  rule: 'disk_low',
  machineId: 'atlas',
  severity: 'warning',
  title: 'atlas / has 12 % free',
  ...over,
})

export const turn = (kind: TransitionKind, alert: Alert): Transition => ({ kind, alert, atMs: Date.now() })
