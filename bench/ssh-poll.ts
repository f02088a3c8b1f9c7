// What one warm poll of a 4 KB probe costs the client: ssh2 with kept connections, one `ssh` per poll, a warm ControlMaster.
// Loopback fleet; CPU of this process and of every child, masters included (Linux: /proc).
//   npx node bench/ssh-poll.ts [machines=200] [rounds=5]
import { readdirSync, readFileSync } from 'node:fs'
import { execa } from 'execa'
import pLimit from 'p-limit'
import type { Executor } from '../src/core/executor.ts'
import { type FleetWay, openExecutor } from '../src/transport/open-executor.ts'
import { openTargetResolver } from '../src/transport/ssh/resolve.ts'
import { startFleet } from '../tests/transport/executors/fleet.ts'

const machines = Number(process.argv[2] ?? 200)
const rounds = Number(process.argv[3] ?? 5)
const SCRIPT = 'head -c 4096 /dev/zero | tr "\\000" x'
const limit = pLimit(16)

const ticksOf = (pid: string): { parent: string; ms: number } | null => {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    const [utime, stime, childUtime, childStime] = [11, 12, 13, 14].map((i) => Number(fields[i]))
    return { parent: fields[1] ?? '', ms: ((utime ?? 0) + (stime ?? 0) + (childUtime ?? 0) + (childStime ?? 0)) * 10 }
  } catch {
    return null
  }
}

/** CPU of processes whose command line names `mark` (masters leave our process tree). */
const cpuOfNamed = (mark: string): number =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return pid !== String(process.pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(mark)
      } catch {
        return false
      }
    })
    .reduce((sum, pid) => sum + (ticksOf(pid)?.ms ?? 0), 0)

// Own CPU to the microsecond; children and masters in 10 ms ticks, which many polls even out.
const cpuMs = (masters: string): number => {
  const own = process.cpuUsage()
  const mine = ticksOf(String(process.pid))
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
  const children = mine === null ? 0 : (Number(fields[13]) + Number(fields[14])) * 10
  return (own.user + own.system) / 1000 + children + cpuOfNamed(masters)
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

const pollAll = async (executors: readonly Executor[]): Promise<void> => {
  const request = { script: SCRIPT, deadlineMs: 20_000, maxStdout: 65_536, maxStderr: 4_096 }
  const runs = await Promise.all(executors.map((executor) => limit(() => executor.run(request))))
  const bad = runs.find((run) => run.class !== 'ok' || run.stdout.length !== 4096)
  if (bad !== undefined) throw new Error(`a poll failed: ${bad.class} ${bad.detail}`)
}

const fleet = await startFleet(machines, [])
try {
  const way: FleetWay = {
    resolver: openTargetResolver({ configFile: fleet.configFile }),
    connectLimit: pLimit(16),
    trustFile: null,
    controlDir: fleet.runDir,
  }
  const names = Array.from({ length: machines }, (_, i) => `m${String(i).padStart(4, '0')}`)
  const openAll = (transport: 'ssh2' | 'openssh', count: number) =>
    Promise.all(names.slice(0, count).map(async (target) => (await openExecutor({ target, transport }, way)).executor))
  // A tenth of the fleet tells the cost of the dear ones.
  const few = Math.max(4, Math.round(machines / 10))
  const [kept, mux] = [await openAll('ssh2', machines), await openAll('openssh', few)]
  const plainSsh = (target: string) =>
    execa('ssh', ['-F', fleet.configFile, '-T', '-o', 'BatchMode=yes', '--', target, 'exec sh -s'], { input: SCRIPT })
  const coldPolls = async () => {
    await Promise.all(names.slice(0, few).map((name) => limit(() => plainSsh(name))))
  }
  await pollAll(kept)
  await pollAll(mux)
  const samples: Record<string, number[]> = { ssh2: [], controlmaster: [], 'ssh per poll': [] }
  for (let round = 0; round < rounds; round += 1)
    for (const [name, polls, act] of [
      ['ssh2', machines, () => pollAll(kept)],
      ['controlmaster', few, () => pollAll(mux)],
      ['ssh per poll', few, coldPolls],
    ] as const) {
      const before = cpuMs(fleet.runDir)
      await act()
      samples[name]?.push((cpuMs(fleet.runDir) - before) / polls)
    }
  const base = median(samples.ssh2 ?? [])
  for (const [name, values] of Object.entries(samples))
    console.log(
      `${name.padEnd(14)} ${median(values).toFixed(2).padStart(8)} ms CPU per warm poll   ${(median(values) / base).toFixed(1)} x ssh2`,
    )
  await Promise.all([...kept, ...mux].map((executor) => executor.close()))
} finally {
  fleet.down()
}
