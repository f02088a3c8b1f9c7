// The product kept in one process: `vc collect` without its start and end. Told over IPC, answers over IPC. Its surroundings
// (HOME, TMUX_TMPDIR) are those it was started with.
import { loadConfig } from '../../src/config/index.ts'
import type { Log } from '../../src/core/log.ts'
import { startCockpit } from '../../src/main-cockpit.ts'
import { beginOpening } from '../../src/main-opening.ts'

interface Order {
  readonly n: number
  readonly topic: string
  readonly params: Readonly<Record<string, unknown>>
}

const silent = (): void => undefined
const log: Log = { debug: silent, info: silent, warn: silent, error: (...words) => console.error(...words) }
const loaded = await loadConfig()
const cockpit = await startCockpit({
  loaded,
  reload: async () => loaded,
  version: 'test',
  log,
  hooks: {
    onRun: (run) => {
      if (!run.up || (run.warnings.length > 0 && run.collector !== 'retention'))
        console.error(`  ${run.collector}: ${run.fault ?? ''} ${run.detail ?? ''} ${JSON.stringify(run.warnings)}`)
    },
  },
  demo: false,
  opening: await beginOpening({ loaded, version: 'test', log, demo: false }),
  closeLog: async () => undefined,
})

const answer = async ({ topic, params }: Order): Promise<unknown> => {
  if (topic === 'stop') return cockpit.stop()
  if (topic === 'collect') return cockpit.collect({})
  return (await cockpit.reader.ask({ topic, params })).data
}

process.on('message', (order: Order) => {
  answer(order).then(
    (data) => process.send?.({ n: order.n, data: data ?? null }, () => order.topic === 'stop' && process.exit(0)),
    (error: unknown) => process.send?.({ n: order.n, error: String(error) }),
  )
})
process.send?.({ n: 0, data: null })
