import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { atMost, type Bench } from '../bench.ts'
import { installBuilt, startDaemon } from '../measure/installed.ts'
import { interleavedMedians, processMs } from '../measure/interleaved.ts'

/** The fast path: argv, socket, answer. */
export const robotHealth: Bench = {
  name: 'robot-health',
  about: 'vc robot health --json against a running daemon, whole process, built bundle',
  async run({ full }) {
    const vc = installBuilt()
    const { env } = vc.user('robot')
    const empty = join(vc.dir, 'empty.cjs')
    writeFileSync(empty, '')
    const daemon = await startDaemon(vc, env)
    try {
      const ms = await interleavedMedians(full ? 41 : 9, {
        empty: () => processMs(process.execPath, [empty], env),
        vc: () => processMs(process.execPath, [vc.bin, 'robot', 'health', '--json'], env),
      })
      const ratio = ms.vc / ms.empty
      return [
        atMost({
          what: 'vc robot health --json, whole process',
          figure: `${ms.vc.toFixed(1)} ms`,
          baseline: `empty script ${ms.empty.toFixed(1)} ms`,
          ratio,
          value: ratio,
          limit: 1.6,
          unit: ' x',
        }),
      ]
    } finally {
      await daemon.end()
      vc.remove()
    }
  },
}
