import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { collectors } from '../../src/collectors/index.ts'
import type { Collector } from '../../src/core/collector.ts'
import { installRecordedTools } from '../../tests/fleet/recorded-tools.ts'
import { atMost, type Bench, type Figure } from '../bench.ts'
import type { FleetCost } from '../measure/fleet-child.ts'
import { fleetCost } from '../measure/fleet-cost.ts'
import { startSshFleet } from '../measure/ssh-fleet.ts'

const FULL = { machines: 100, everyS: 60, warmS: 150, measuredS: 180 }
// as many polls a second for each machine of the full fleet: fewer machines, proportionally more often
const SMALL = { machines: 6, everyS: 4, warmS: 16, measuredS: 24 }

const all: readonly Collector[] = collectors

/** Those that must have brought rows, or the figure would be of a registry that did nothing. */
const EXPECTED = [
  'probe', 'ru', 'caam', 'caut', 'cass', 'rch', 'ntm', 'gastown', 'pt', 'sysmoni', 'dcg', 'rano', 'agent_mail', 'afsc', 'beads', 'gh',
] as const // biome-ignore format: a list of words

const polls = ({ machines }: FleetCost) => {
  const counted = Object.values(machines)
  const sum = (pick: 'up' | 'down' | 'missed'): number => counted.reduce((total, one) => total + one[pick], 0)
  return { up: sum('up'), down: sum('down'), missed: sum('missed') }
}

const figuresOf = (cost: FleetCost, { machines, everyS }: typeof FULL): readonly Figure[] => {
  const { up, down, missed } = polls(cost)
  const what = `${machines} ssh machines, ${all.length} collectors each ${everyS} s`
  const pct = (100 * cost.cpuMs) / cost.wallMs
  const figure = `${pct.toFixed(1)} % of one core, ${Math.round(cost.rssBytes / 1_048_576)} MB`
  const silent = EXPECTED.filter((name) => !cost.brought.includes(name))
  const words = Object.entries(cost.faults).map(([name, why]) => `${name} (${why})`)
  return [
    atMost({ what, figure, baseline: '', ratio: null, value: pct, limit: 25, unit: ' % of a core' }),
    atMost({
      what: `${what}: collectors that brought nothing`,
      figure: silent.join(', ') || 'none',
      ...{ baseline: '', ratio: null, value: silent.length, limit: 0, unit: '' },
    }),
    {
      what: `${what}: runs`,
      figure: `${up} up, ${down} down, ${missed} turns missed${words.length === 0 ? '' : `; ${words.join('; ')}`}`,
      ...{ baseline: '', ratio: null, target: '', ok: null },
    },
  ]
}

/** A first look at connections takes the last day only, and those recorded grow older each day. */
const observedNow = (home: string): void => {
  const database = new DatabaseSync(join(home, 'observer.sqlite'))
  database.exec("UPDATE events SET ts = strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-1 minute')")
  database.close()
}

/** The whole registry over SSH, on machines whose programs print recorded output: vc's own CPU, its children included. */
export const wholeRegistry: Bench = {
  name: 'whole-registry',
  about: '100 ssh machines (6 unless full) with a recorded program for every tool, all collectors at a 60 s interval',
  async run({ full }) {
    const size = full ? FULL : SMALL
    const fleet = await startSshFleet(size.machines)
    try {
      const home = join(fleet.dir, 'home')
      const { checkout } = installRecordedTools(home)
      observedNow(home)
      const config = `[collectors.gh]\nenabled = true\n\n[collectors.beads]\ndirs = ["${checkout}"]\n`
      const { warmS, measuredS, everyS } = size
      return figuresOf(await fleetCost(fleet, { collector: 'all', warmS, measuredS, everyS, config }), size)
    } finally {
      fleet.down()
    }
  },
}
