import type { LoadedConfig } from '../config/index.ts'
import { builtInRules } from '../oracle/rules/index.ts'
import { userRuleId } from '../oracle/user-rule.ts'

export interface RuleLine {
  readonly rule: string
  readonly about: string
  readonly hold_s: number
  readonly clear_s: number
  readonly enabled: boolean
  readonly from: 'vc' | 'vc.toml'
}

/** Ids of the rules vc brings along. */
export const builtInRuleIds: readonly string[] = builtInRules.map(({ id }) => id)

/** Every rule there is, vc's own first. */
export const listRules = ({ config }: Pick<LoadedConfig, 'config'>): readonly RuleLine[] => [
  ...builtInRules.map((rule) => ({
    rule: rule.id,
    about: rule.about,
    hold_s: rule.holdMs / 1000,
    clear_s: rule.clearMs / 1000,
    enabled: !config.alerts.disabled_rules.includes(rule.id),
    from: 'vc' as const,
  })),
  ...config.rules.map((spec) => ({
    rule: userRuleId(spec.id),
    about: `${spec.absent ? 'no row of' : 'a row of'} ${spec.query ?? 'its SQL'}: ${spec.when}`,
    hold_s: spec.hold_seconds,
    clear_s: spec.clear_seconds,
    enabled: spec.enabled,
    from: 'vc.toml' as const,
  })),
]
