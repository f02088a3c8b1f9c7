// The engine of a daemon over a store of its own; as a program it starts agents and waits to be killed.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pLimit from 'p-limit'
import { openActTokens } from '../../src/commands/act-tokens.ts'
import { openActing } from '../../src/commands/acting.ts'
import type { LoadedConfig } from '../../src/config/index.ts'
import { configSchema } from '../../src/config/schema.ts'
import { silentLog } from '../../src/core/log.ts'
import { openEngineDaemon } from '../../src/daemon/engine.ts'
import { openStore } from '../../src/store/index.ts'
import { openExecutor } from '../../src/transport/open-executor.ts'
import { openTargetResolver } from '../../src/transport/ssh/resolve.ts'

export interface KeptPlace {
  readonly dir: string
  readonly socket: string
  /** `local`, or a target of that ssh_config. */
  readonly target: string
  readonly sshConfig: string
}

/** Store, engine and Doer, with a person who says yes. */
export const keepAgents = async ({ dir, socket, target, sshConfig }: KeptPlace) => {
  const machines = [{ id: 'm', ssh: target, allow_write_commands: true }]
  const config = configSchema.parse({ machines, engine: { max_agents_per_machine: 100 } })
  const loaded = { config, source: { is: 'built_in' }, paths: {}, notices: [] } as unknown as LoadedConfig
  const way = {
    resolver: openTargetResolver({ configFile: sshConfig }),
    connectLimit: pLimit(4),
    trustFile: null,
    controlDir: join(dir, 'cm'),
  }
  const now = (): Date => new Date()
  const store = await openStore({ dataDir: join(dir, 'data') })
  const engine = await openEngineDaemon({
    ...{ store, now, socket, log: silentLog, loaded: () => loaded, onWrote: () => undefined },
    openExecutor: async () => (await openExecutor({ target }, way)).executor,
  })
  const acting = await openActing({
    ...{ store, now, log: silentLog, machines: () => config.machines, makers: engine.makers },
    tokens: openActTokens(now),
    lookAtCaller: async () => ({ pid: 1, agent: null, terminal: true }),
  })
  return {
    store,
    engine,
    async spawn(count: number): Promise<number> {
      const caller = { pid: 1, terminal: true }
      const args = ['sh', '-c', 'seq 100; exec sleep 1000']
      const params = { machine: 'm', cli: 'generic', cwd: '/tmp', count, restart: 'always', args }
      const proposed = await acting.propose({
        wish: { verb: 'agent.spawn', params, origin: 'person', actor: 'bench' },
        caller,
      })
      if (proposed.verdict !== 'ask') throw new Error(JSON.stringify(proposed.acted))
      const acted = await acting.confirm({ token: proposed.token, yes: true, caller })
      return ((acted.data?.agents ?? []) as readonly string[]).length
    },
    async close() {
      await acting.close()
      await engine.stop()
      await store.close()
    },
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [dir = '', socket = '', target = '', sshConfig = '', count = '0'] = process.argv.slice(2)
  const keeping = await keepAgents({ dir, socket, target, sshConfig })
  process.stdout.write(`started ${await keeping.spawn(Number(count))}\n`)
  setInterval(() => undefined, 1_000)
}
