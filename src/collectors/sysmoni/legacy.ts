import { foreignCount, foreignMeasure } from '../foreign-cells.ts'
import {
  type Around,
  diskRate,
  largest,
  list,
  netRate,
  niceOf,
  part,
  percent,
  type Raw,
  type Sample,
  whoIs,
} from './fields.ts'

/** The shell program that stands under the same name where the Go one could not be built. It knows no absolute memory. */
export const legacySample = (raw: Raw, around: Around): Sample => {
  const [io, inotify] = [part(raw, 'io'), part(raw, 'inotify')]
  return {
    schema: 'legacy',
    sample: {
      boot_id: around.boot_id,
      uptime_s: around.uptime_s,
      cpu_pct: percent(raw.cpu),
      cpu_decayed: false,
      cores: list(raw, 'per_core').length || null,
      disk_read_bytes_per_s: diskRate(io.disk_read_mb_s),
      disk_write_bytes_per_s: diskRate(io.disk_write_mb_s),
      net_rx_bytes_per_s: netRate(io.net_rx_mbps),
      net_tx_bytes_per_s: netRate(io.net_tx_mbps),
      temp_cpu_celsius: largest(list(raw, 'temps').map(({ temp_c: celsius }) => celsius)),
      gpu_pct: null,
      inotify_max_watches: foreignCount(inotify.max_user_watches),
      inotify_max_instances: foreignCount(inotify.max_user_instances),
      partial: false,
    },
    processes: list(raw, 'top').flatMap((one) => {
      const who = whoIs(one.pid, one.cmd, around)
      if (who === null) return []
      return [{ ...who, cpu_pct: foreignMeasure(one.cpu), cpu_lifetime: true, mem_bytes: null, nice: niceOf(one.nice) }]
    }),
  }
}
