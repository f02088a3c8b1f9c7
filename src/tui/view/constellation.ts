import { type Span, span } from './line.ts'
import { STATE_SIGNS, signOf } from './state-sign.ts'

/** One sign per agent, who needs a person first: `!!x~@@@**`; more than fit end in `+12`. No agent is `—`. */
export const constellation = (counts: Readonly<Record<string, number>>, most = 24): readonly Span[] => {
  const states = [...Object.keys(STATE_SIGNS), ...Object.keys(counts).filter((state) => !(state in STATE_SIGNS))]
  const total = states.reduce((sum, state) => sum + (counts[state] ?? 0), 0)
  if (total === 0) return [span('—', 'muted')]
  let left = total > most ? most - 3 : most
  const signs = states.flatMap((state) => {
    const shown = Math.min(left, counts[state] ?? 0)
    left -= shown
    const { sign, tone } = signOf(state)
    return shown > 0 ? [span(sign.repeat(shown), tone)] : []
  })
  return total > most ? [...signs, span(`+${total - (most - 3)}`, 'muted')] : signs
}
