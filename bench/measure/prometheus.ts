// The yardstick of polling: Prometheus scraping node_exporter, both as Debian packages them, on loopback.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.ts'
import { pause } from './installed.ts'
import { treeCpuMs } from './processes.ts'

const PROGRAMS = ['prometheus', 'prometheus-node-exporter'] as const

const configOf = (exporter: string, targets: number, everyS: number): string => {
  const jobs = Array.from({ length: targets }, (_, i) => `- {targets: ["${exporter}"], labels: {host: "m${i}"}}`)
  return `global: {scrape_interval: ${everyS}s}
scrape_configs:
  - job_name: node
    static_configs:
${jobs.map((line) => `      ${line}`).join('\n')}
`
}

/** Scrapes that Prometheus made so far, by its own count. */
const scrapes = async (at: string): Promise<number> => {
  const text = await (await fetch(`http://${at}/metrics`)).text()
  const counts = text.matchAll(/^prometheus_target_interval_length_seconds_count\{[^}]*\} (\S+)$/gm)
  return [...counts].reduce((sum, [, value]) => sum + Number(value), 0)
}

const ready = async (at: string): Promise<void> => {
  for (let left = 300; left > 0; left -= 1) {
    if (await fetch(`http://${at}/-/ready`).then(({ ok }) => ok, () => false)) return // biome-ignore format: one line
    await pause(100)
  }
  throw new Error('prometheus was not ready within 30 s')
}

/** CPU of Prometheus alone per scrape in ms, over so many targets that one node_exporter answers; null: not installed. */
export const prometheusCpuMs = async (plan: {
  readonly targets: number
  readonly everyS: number
  readonly warmS: number
  readonly measuredS: number
}): Promise<number | null> => {
  if (PROGRAMS.some((name) => spawnSync('sh', ['-c', 'command -v "$1"', 'sh', name]).status !== 0)) return null
  const dir = mkdtempSync(join(tmpdir(), 'vc-prometheus-'))
  const exporter = `127.0.0.1:${await freePort()}`
  const at = `127.0.0.1:${await freePort()}`
  const config = join(dir, 'prometheus.yml')
  writeFileSync(config, configOf(exporter, plan.targets, plan.everyS))
  const start = (name: (typeof PROGRAMS)[number], ...args: readonly string[]) => spawn(name, args, { stdio: 'ignore' })
  const children = [
    start('prometheus-node-exporter', `--web.listen-address=${exporter}`),
    start(
      'prometheus',
      ...[`--config.file=${config}`, `--web.listen-address=${at}`, `--storage.tsdb.path=${join(dir, 'data')}`],
    ),
  ] as const
  const pid = children[1].pid ?? 0
  try {
    await ready(at)
    await pause(plan.warmS * 1000)
    const before = { cpu: treeCpuMs(pid), scrapes: await scrapes(at) }
    await pause(plan.measuredS * 1000)
    const after = { cpu: treeCpuMs(pid), scrapes: await scrapes(at) }
    return (after.cpu - before.cpu) / (after.scrapes - before.scrapes)
  } finally {
    for (const child of children) {
      child.kill()
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    }
    rmSync(dir, { recursive: true, force: true })
  }
}
