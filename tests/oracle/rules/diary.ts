import { type Alert, evaluate } from '../../../src/oracle/evaluate.ts'
import type { Rule } from '../../../src/oracle/rule.ts'

const LOOK_S = 15

/** At these times this was so, until the next entry; vc looks every 15 seconds. Gives the alerts that stood at each time. */
export const diary = <Picture>(
  rule: Rule<Picture>,
  entries: readonly (readonly [at: string, picture: Picture])[],
): readonly string[] => {
  let known: readonly Alert[] = []
  let picture: Picture | undefined
  let lookedS = 0
  const look = (atS: number, what: Picture): void => {
    known = evaluate(
      [rule],
      what,
      known.filter((alert) => alert.status !== 'resolved'),
      atS * 1000,
    )
    lookedS = atS
  }
  return entries.map(([at, next]) => {
    const atS = Number.parseFloat(at) * (at.endsWith('m') ? 60 : 1)
    if (picture !== undefined) for (let s = lookedS + LOOK_S; s < atS; s += LOOK_S) look(s, picture)
    look(atS, next)
    picture = next
    return known.map((alert) => `${alert.status} ${alert.severity} ${alert.subject}`).join('; ') || 'nothing'
  })
}
