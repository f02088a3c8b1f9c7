import type { Bench } from '../bench.ts'
import { fleetCost } from '../measure/fleet-cost.ts'
import { startSshFleet } from '../measure/ssh-fleet.ts'

const SICK = ['flood', 'freeze', 'blackhole']

/** A machine that floods, one that freezes and one that never answers must not delay the others. */
export const sickNeighbours: Bench = {
  name: 'sick-neighbours',
  about: 'one flooding, one frozen and one black-hole machine among 50 (12 unless full): the others on schedule',
  async run({ full }) {
    const all = full ? 50 : 12
    const fleet = await startSshFleet(all - SICK.length, SICK)
    try {
      const everyS = 5
      const measuredS = full ? 60 : 25
      const cost = await fleetCost(fleet, { collector: 'probe', everyS, warmS: 12, measuredS })
      const well = Object.entries(cost.machines).filter(([id]) => !SICK.includes(id))
      const missed = well.reduce((sum, [, one]) => sum + one.missed, 0)
      const due = Math.floor(measuredS / everyS) - 1
      const late = well.filter(([, one]) => one.up < due || one.down > 0).length
      const sick = SICK.map((id) => `${id} ${cost.machines[id]?.up ?? 0} up`).join(', ')
      return [
        {
          what: `${well.length} well machines beside 3 sick: missed ticks`,
          figure: String(missed),
          baseline: sick,
          ratio: null,
          target: '0',
          ok: missed === 0,
        },
        {
          what: `${well.length} well machines beside 3 sick: behind schedule`,
          figure: String(late),
          baseline: `${due} looks due of each`,
          ratio: null,
          target: '0',
          ok: late === 0,
        },
      ]
    } finally {
      fleet.down()
    }
  },
}
