import { displayText } from '../../core/text.ts'
import type { Rule } from '../rule.ts'
import { columnOf, type UserPicture } from '../user-rule.ts'

/** A rule of vc.toml that nobody can answer warns of nothing, and silence looks like peace. Its own alerts stay as they were. */
export const ownRuleFailing: Rule<UserPicture> = {
  id: 'own_rule_failing',
  about: 'a rule of vc.toml could not be asked for two minutes: its query or SQL is refused, fails or takes too long',
  holdMs: 120_000,
  clearMs: 60_000,
  judge: ({ rows }) =>
    (rows ?? []).map((row) => {
      const [rule, why] = [columnOf(row, 'rule'), columnOf(row, 'why')].map((text) => displayText(String(text), 300))
      return {
        machineId: null,
        subject: rule ?? '',
        severity: 'info',
        title: `rule ${rule} of vc.toml cannot be asked: ${why}`,
        evidence: { why },
      }
    }),
}
