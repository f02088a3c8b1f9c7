import { atMost, type Bench } from '../bench.ts'
import { fleetCost } from '../measure/fleet-cost.ts'
import { startSshFleet } from '../measure/ssh-fleet.ts'

const MB = 1_048_576

/** A large fleet on one daemon: one kept connection and one probe of 1 kB each. */
export const manyMachines: Bench = {
  name: 'many-machines',
  about: '1,000 ssh machines at 30 s (60 at 3 s unless full): CPU, memory and missed ticks of the daemon',
  async run({ full }) {
    const [machines, everyS] = full ? [1000, 30] : [60, 3]
    const fleet = await startSshFleet(machines)
    try {
      const cost = await fleetCost(fleet, {
        collector: 'small',
        everyS,
        warmS: full ? 90 : 12,
        measuredS: full ? 90 : 15,
      })
      const cpuPct = (100 * cost.cpuMs) / cost.wallMs
      const missedPct = (100 * cost.ticksMissed) / Math.max(1, cost.ticks + cost.ticksMissed)
      const what = `${machines} machines at ${everyS} s`
      const shared = { baseline: `${cost.ticks} ticks`, ratio: null }
      return [
        atMost({
          ...shared,
          what: `${what}: CPU of one core`,
          figure: `${cpuPct.toFixed(1)} %`,
          value: cpuPct,
          limit: 15,
          unit: ' %',
        }),
        atMost({
          ...shared,
          what: `${what}: RSS`,
          figure: `${(cost.rssBytes / MB).toFixed(0)} MB`,
          value: cost.rssBytes / MB,
          limit: 400,
          unit: ' MB',
        }),
        atMost({
          ...shared,
          what: `${what}: missed ticks`,
          figure: `${missedPct.toFixed(2)} %`,
          value: missedPct,
          limit: 0.1,
          unit: ' %',
        }),
        {
          ...shared,
          what: `${what}: event-loop lag p99`,
          figure: `${cost.lagP99Ms.toFixed(0)} ms`,
          target: '',
          ok: null,
        },
      ]
    } finally {
      fleet.down()
    }
  },
}
