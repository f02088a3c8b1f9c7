import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { openActTokens } from '../../../src/commands/act-tokens.ts'
import { type Acting, openActing } from '../../../src/commands/acting.ts'
import type { Managed } from '../../../src/commands/engine/book.ts'
import type { LoadedConfig } from '../../../src/config/index.ts'
import { configSchema } from '../../../src/config/schema.ts'
import type { Acted } from '../../../src/core/action.ts'
import type { Executor } from '../../../src/core/executor.ts'
import { silentLog } from '../../../src/core/log.ts'
import { type EngineDaemon, openEngineDaemon } from '../../../src/daemon/engine.ts'
import { engineEvents, openStore, type Store } from '../../../src/store/index.ts'
import { openLocalExecutor } from '../../../src/transport/local.ts'

/** The engine of a daemon, on a tmux server of the test's own, with a person who says yes. */
export interface EngineScene {
  readonly store: Store
  readonly engine: EngineDaemon
  readonly acting: Acting
  readonly socket: string
  act(verb: string, params: Readonly<Record<string, unknown>>): Promise<Acted>
  /** Starts one agent from the words of a shell; its id. */
  spawn(words: readonly string[], more?: Readonly<Record<string, unknown>>): Promise<string>
  agent(id: string): Managed
  happened(id: string): Promise<readonly string[]>
  /** Takes a vc.toml in force that names these of the others. */
  reload(others: readonly string[]): void
  /** Ends this daemon as kill -9 would: nothing is told to anybody, tmux goes on. */
  crash(): Promise<void>
}

export interface SceneOptions {
  readonly dir?: string
  readonly engineKeys?: Readonly<Record<string, unknown>>
  readonly now?: () => Date
  readonly socket?: string
  /** Machines besides `here`, each with its way. */
  readonly others?: Readonly<Record<string, () => Promise<Executor>>>
}

/** Ends the tmux server of a scratch folder with all that runs in it, as a reboot would. */
export const endServer = async (dir: string): Promise<void> => {
  const script = `tmux -S '${dir}/t.sock' kill-server 2>/dev/null; exit 0`
  await openLocalExecutor().run({ script, deadlineMs: 10_000, maxStdout: 1000, maxStderr: 1000 })
}

/** A scratch folder, removed after the test together with the tmux server in it. */
export const scratch = (): string => {
  const dir = mkdtempSync(join(tmpdir(), 'vc-engine-'))
  onTestFinished(async () => {
    await endServer(dir)
    rmSync(dir, { recursive: true, force: true })
  })
  return dir
}

const loadedOf = (engineKeys: Readonly<Record<string, unknown>>, others: readonly string[]): LoadedConfig =>
  ({
    config: configSchema.parse({
      machines: [
        { id: 'here', ssh: 'local', allow_write_commands: true },
        ...others.map((id) => ({ id, ssh: id, allow_write_commands: true })),
      ],
      engine: { restart_delay_seconds: 1, stop_grace_seconds: 1, ...engineKeys },
    }),
    source: { is: 'built_in' },
    paths: {},
    notices: [],
  }) as unknown as LoadedConfig

/** Opens (or, on the same folder, opens again) the engine over a store. */
export const openScene = async (options: SceneOptions = {}): Promise<EngineScene> => {
  const { dir = scratch(), engineKeys = {}, now, others = {} } = options
  const socket = options.socket ?? join(dir, 't.sock')
  const clock = now ?? (() => new Date())
  const store = await openStore({ dataDir: dir, groupWindowMs: 5 })
  let loaded = loadedOf(engineKeys, Object.keys(others))
  const engine = await openEngineDaemon({
    store,
    loaded: () => loaded,
    openExecutor: (machine) => others[machine.id]?.() ?? Promise.resolve(openLocalExecutor()),
    onWrote: () => undefined,
    now: clock,
    log: silentLog,
    socket,
  })
  const acting = await openActing({
    store,
    machines: () => loaded.config.machines,
    makers: engine.makers,
    tokens: openActTokens(clock),
    now: clock,
    log: silentLog,
    lookAtCaller: async () => ({ pid: 1, agent: null, terminal: true }),
  })
  let closed = false
  const close = async (): Promise<void> => {
    if (closed) return
    closed = true
    await acting.close()
    await engine.stop()
    await store.close()
  }
  onTestFinished(close)
  const act: EngineScene['act'] = async (verb, params) => {
    const caller = { pid: 1, terminal: true }
    const proposed = await acting.propose({ wish: { verb, params, origin: 'person', actor: 'ana' }, caller })
    return proposed.verdict === 'acted' ? proposed.acted : acting.confirm({ token: proposed.token, yes: true, caller })
  }
  return {
    store,
    engine,
    acting,
    socket,
    act,
    async spawn(words, more = {}) {
      const acted = await act('agent.spawn', { machine: 'here', cli: 'generic', cwd: dir, args: words, ...more })
      const [id] = (acted.data?.agents ?? []) as readonly string[]
      if (id === undefined) throw new Error(`not spawned: ${JSON.stringify(acted)}`)
      return id
    },
    agent(id) {
      const agent = engine.here.ports.book.get(id)
      if (agent === undefined) throw new Error(`vc does not keep ${id}`)
      return agent
    },
    async happened(id) {
      const rows = await engineEvents(store.db, { since: new Date(0), agentId: id, limit: 100 })
      return rows.toReversed().map((row) => row.type)
    },
    reload(named) {
      loaded = loadedOf(engineKeys, named)
      engine.reloaded()
    },
    crash: close,
  }
}
