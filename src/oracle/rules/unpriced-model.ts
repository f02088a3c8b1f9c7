import type { FleetSignals } from '../alert-signals.ts'
import type { Rule } from '../rule.ts'

export const unpricedModel: Rule<FleetSignals> = {
  id: 'unpriced_model',
  about: 'tokens of the last day have no price, so that every sum of money is too low',
  holdMs: 0,
  clearMs: 0,
  judge({ unpriced }) {
    if (unpriced === null) return null
    return unpriced.map(({ provider, model, tokens }) => ({
      machineId: null,
      subject: `${provider}/${model ?? 'unknown'}`,
      severity: 'info',
      title: `${tokens} tokens of ${provider}/${model ?? 'an unnamed model'} have no price`,
      evidence: { tokens, fix: `[prices."${provider}/${model ?? 'model'}"] in vc.toml` },
    }))
  },
}
