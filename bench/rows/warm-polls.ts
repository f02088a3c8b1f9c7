import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import pLimit from 'p-limit'
import { fastAsk } from '../../src/collectors/probe/ask.ts'
import { wholeScript } from '../../src/core/ask.ts'
import { atMost, type Bench, type Figure } from '../bench.ts'
import { fleetCosts } from '../measure/fleet-cost.ts'
import { median } from '../measure/interleaved.ts'
import { namedCpuMs, treeCpuMs } from '../measure/processes.ts'
import { prometheusCpuMs } from '../measure/prometheus.ts'
import { type SshFleet, startSshFleet } from '../measure/ssh-fleet.ts'

const limit = pLimit(16)
/** CPU of children is told in steps of 10 ms: of more polls together they hide less. */
const BURSTS = 3
/**
 * A daemon is warm for weeks, and much of what it does comes round by the minute: the database puts its log away, tools are
 * looked for, hours are added up. The first window, of which most is not seen, is printed; the last is judged.
 */
const LIFE = [
  { warmS: 30, measuredS: 30 },
  { warmS: 40, measuredS: 140 },
] as const
const SHORT_LIFE = [
  { warmS: 10, measuredS: 8 },
  { warmS: 4, measuredS: 12 },
] as const
const has = (name: string): boolean => spawnSync('sh', ['-c', 'command -v "$1"', 'sh', name]).status === 0

const ssh = (fleet: SshFleet, machine: string, script: string, more: readonly string[]) =>
  execa('ssh', ['-F', fleet.sshConfig, '-T', '-o', 'BatchMode=yes', ...more, '--', machine, 'exec sh -s'], {
    input: script,
  })

/** CPU of our children and of what left our tree but names `mark`, over one act, per poll. */
const childCpuMs = async (mark: string, polls: number, act: () => Promise<unknown>): Promise<number> => {
  const own = (): number => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1000
  }
  const total = (): number => treeCpuMs(process.pid) - own() + namedCpuMs(mark)
  const before = total()
  await act()
  return (total() - before) / polls
}

const pssh = async (fleet: SshFleet, machines: readonly string[], scriptFile: string): Promise<void> => {
  const hosts = machines.flatMap((machine) => ['-H', machine])
  const args = ['-i', ...hosts, '-p', '16', '-x', `-F ${fleet.sshConfig} -o BatchMode=yes`, '-I']
  await execa({ inputFile: scriptFile, stdout: 'ignore' })('parallel-ssh', args)
}

/** The real probe over kept connections, transport, parse and store together, beside one `ssh` per poll. */
export const warmPolls: Bench = {
  name: 'warm-polls',
  about:
    '200 ssh machines (24 unless full), warm polls of the probe: client CPU per poll, workers and children included',
  async run({ full }) {
    const machines = full ? 200 : 24
    const fleet = await startSshFleet(machines)
    const control = join(fleet.dir, 'cm')
    mkdirSync(control, { mode: 0o700 })
    const script = wholeScript(fastAsk('0123456789abcdef', []))
    const scriptFile = join(fleet.dir, 'probe.sh')
    writeFileSync(scriptFile, script)
    const some = fleet.machines.slice(0, full ? 24 : 8)
    // Masters outlive all rounds: one that is opened anew would be measured as a login.
    const mux = ['-o', 'ControlMaster=auto', '-o', `ControlPath=${control}/%C`, '-o', 'ControlPersist=900']
    const each = (more: readonly string[]) => async (): Promise<void> => {
      for (let burst = 0; burst < BURSTS; burst++)
        await Promise.all(some.map((machine) => limit(() => ssh(fleet, machine, script, more))))
    }
    const polls = some.length * BURSTS
    const samples: Record<string, number[]> = { vc: [], first: [], ssh: [], mux: [], pssh: [] }
    const others = async (): Promise<void> => {
      samples.ssh?.push(await childCpuMs('no-such-mark', polls, each([])))
      samples.mux?.push(await childCpuMs(control, polls, each(mux)))
      if (has('parallel-ssh'))
        samples.pssh?.push(await childCpuMs('no-such-mark', some.length, () => pssh(fleet, some, scriptFile)))
    }
    const everyS = full ? 10 : 4
    try {
      await each(mux)()
      await others()
      for (let round = 0; round < (full ? 3 : 2); round++) {
        const [first, warm] = await fleetCosts(fleet, { collector: 'probe', everyS }, full ? LIFE : SHORT_LIFE)
        samples.first?.push(first.cpuMs / Math.max(1, first.ticks))
        samples.vc?.push(warm.cpuMs / Math.max(1, warm.ticks))
        await others()
      }
    } finally {
      for (const machine of some)
        spawnSync('ssh', ['-F', fleet.sshConfig, '-o', `ControlPath=${control}/%C`, '-O', 'exit', machine])
      fleet.down()
    }
    const schedule = full ? { everyS: 10, warmS: 30, measuredS: 40 } : { everyS: 4, warmS: 8, measuredS: 12 }
    const prometheus = await prometheusCpuMs({ targets: machines, ...schedule })
    const medians = Object.entries(samples).map(([name, values]) => [name, median(values)])
    return figures(machines, { ...Object.fromEntries(medians), prometheus: prometheus ?? Number.NaN })
  },
}

const ms = (value: number | undefined): string => `${(value ?? Number.NaN).toFixed(2)} ms CPU`

const figures = (machines: number, cpu: Readonly<Record<string, number>>): readonly Figure[] => {
  const vc = cpu.vc ?? Number.NaN
  const beside = (name: string, other: number | undefined, limit: number): Figure =>
    atMost({
      what: `${machines} machines, one warm poll of the probe`,
      figure: ms(vc),
      baseline: `${name} ${ms(other)}`,
      ratio: vc / (other ?? Number.NaN),
      value: vc / (other ?? Number.NaN),
      limit: Number(limit.toFixed(4)),
      unit: ' x',
    })
  // Printed for comparison; no limit hangs on these.
  const printed = (name: string, other: number | undefined): Figure => ({
    what: `${machines} machines, one warm poll of the probe`,
    figure: ms(vc),
    baseline: other === undefined || Number.isNaN(other) ? `${name}: not installed` : `${name} ${ms(other)}`,
    ratio: other === undefined || Number.isNaN(other) ? null : vc / other,
    target: '',
    ok: null,
  })
  return [
    beside('ssh per poll', cpu.ssh, 1 / 15),
    beside('warm ControlMaster', cpu.mux, 1 / 2),
    printed('vc within its first minute', cpu.first),
    printed('pssh', cpu.pssh),
    printed('prometheus scraping node_exporter', cpu.prometheus),
  ]
}
