import type { DemoAgent, DemoMachine } from './describe.ts'
import { HZ, START_TICKS, UP_S } from './session-facts.ts'
import { SYSTEM_TOOLS, toolPaths } from './tool-paths.ts'

const NONCE = 'de30de30de30de30'

/** A counter that has grown at `perS` since boot and goes on growing while the machine is played. */
const counter = (perS: number): string => `@{t*${perS.toFixed(3)}+${Math.floor(perS * UP_S)}}`

const cpuLine = ({ cores, busyPct }: DemoMachine): string => {
  const busy = (cores * HZ * busyPct) / 100
  const shares = [busy * 0.7, 0, busy * 0.27, cores * HZ - busy, 0.2, busy * 0.02, busy * 0.01, 0, 0, 0]
  return `cpu  ${shares.map(counter).join(' ')}`
}

const memLines = ({ memGb, memUsedPct }: DemoMachine): readonly string[] => {
  const totalKb = memGb * 1024 * 1024
  const availableKb = Math.round(totalKb * (1 - memUsedPct / 100))
  const free = [`MemFree: ${Math.round(availableKb * 0.4)} kB`, `MemAvailable: ${availableKb} kB`]
  const rest = [
    'Buffers: 120000 kB',
    `Cached: ${Math.round(availableKb * 0.5)} kB`,
    'SwapTotal: 0 kB',
    'SwapFree: 0 kB',
  ]
  return [`MemTotal: ${totalKb} kB`, ...free, ...rest, 'Dirty: 900 kB', 'oom_kill 0', 'pswpin 0', 'pswpout 0']
}

const psiLines = ({ busyPct, memUsedPct }: DemoMachine): readonly string[] => {
  const line = (what: string, pct: number): string =>
    `${what} avg10=${pct.toFixed(2)} avg60=${pct.toFixed(2)} avg300=${pct.toFixed(2)} total=${counter(pct * 10_000)}`
  const cpu = Math.max(0, busyPct - 60)
  const memory = Math.max(0, memUsedPct - 90)
  return [line('cpu some', cpu), line('memory some', memory), line('memory full', memory / 2), line('io some', 1)]
}

const procRow = ({ pid, cli, state, cpuPct, rssMb }: DemoAgent, index: number): string =>
  [
    pid,
    1,
    state === 'stalled' ? 'T' : cpuPct > 10 ? 'R' : 'S',
    34816 + index,
    START_TICKS,
    counter(cpuPct / 1000),
    rssMb * 1024,
    12,
    cli,
  ].join('\t')

const fsLine = ({ diskGb, diskUsedPct }: DemoMachine): string => {
  const blocks = diskGb * 262_144
  const free = Math.round(blocks * (1 - diskUsedPct / 100))
  return ['ext2/ext3', 4096, blocks, free, free, 16_000_000, 15_000_000, '/'].join('\t')
}

/** What the probe script prints on this machine, with its clocks and counters as marks for the player. */
export function probeText(machine: DemoMachine): string {
  const { id, cores, load, agents } = machine
  const section = (name: string, lines: readonly string[]): string => [`@@${NONCE} ${name}`, ...lines].join('\n')
  const pairs = (values: Readonly<Record<string, string | number>>): readonly string[] =>
    Object.entries(values).map(([key, value]) => `${key}\t${value}`)
  const head = {
    kernel: '6.12.38',
    machine: 'x86_64',
    epoch: '@{epoch}',
    self: 9000,
    lane: 'fast',
    os_id: 'debian',
    os_version: 12,
  }
  const sys = {
    hostname: id,
    boot_id: `00000000-0000-4000-8000-${id.padEnd(12, '0').replaceAll(/[^0-9a-f]/g, '7')}`,
    uptime_s: `@{t*1+${UP_S}}.00`,
    ...{ clk_tck: HZ, pagesize: 4096, clk_tck_source: 'getconf' },
    loadavg: `${load.join(' ')} 2/400 9001`,
    file_nr: '4000 0 2466170',
    pid_max: 4_194_304,
  }
  const cpu = [
    cpuLine(machine),
    `btime @{epoch-${UP_S}}`,
    `processes ${counter(3)}`,
    `procs_running ${Math.ceil(load[0])}`,
  ]
  const proc = [
    `#\tuser=${40 + agents.length}\tkernel=60\tkernel_ticks=100\tthreads=300\tmin_ticks=100\tmin_rss_kb=16384\tshown=${agents.length}\tstates=S=${40 + agents.length} I=60`,
    ...agents.map(procRow),
    `end_uptime\t@{t*1+${UP_S}}.01 1.00`,
  ]
  const agentRows = agents.flatMap(({ pid, cli, cwd }) => [`agent\t${pid}\texe\t${cli}\t-\t-`, `cwd\t${pid}\t${cwd}`])
  const sections: Readonly<Record<string, readonly string[]>> = {
    sys: pairs(sys),
    cpu: [...cpu, 'procs_blocked 0', `ctxt ${counter(5000)}`, `cores ${cores}`],
    mem: memLines(machine),
    psi: psiLines(machine),
    disk: [['nvme0n1', counter(9), counter(400), counter(20), counter(900), counter(8)].join('\t')],
    net: [['eth0', 1, counter(90_000), counter(30_000), 0, 0, 0, 0].join('\t')],
    proc,
    agent: agentRows,
    fs: [fsLine(machine)],
    tool: pairs(toolPaths(machine)),
    toolstat: Object.values(SYSTEM_TOOLS).map((path, i) => `17000000${i}0\t${1_000_000 + i}\t${path}`),
  }
  const body = Object.entries(sections).map(([name, lines]) => section(name, lines))
  return [`@@${NONCE} begin 1 Linux`, ...pairs(head), ...body, `@@${NONCE} end 0`, ''].join('\n')
}
