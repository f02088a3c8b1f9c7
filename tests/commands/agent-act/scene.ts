import { chmodSync, copyFileSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { onTestFinished, vi } from 'vitest'
import { openActTokens } from '../../../src/commands/act-tokens.ts'
import { type Acting, openActing } from '../../../src/commands/acting.ts'
import { openHostReach } from '../../../src/commands/agent-act/host-reach.ts'
import { agentMakers } from '../../../src/commands/agent-act/index.ts'
import type { Caller } from '../../../src/commands/caller.ts'
import type { Proposed } from '../../../src/commands/doer.ts'
import type { LoadedConfig } from '../../../src/config/index.ts'
import type { Acted } from '../../../src/core/action.ts'
import { VcError } from '../../../src/core/errors.ts'
import { silentLog } from '../../../src/core/log.ts'
import { type EngineScene, openScene, scratch } from '../engine/scene.ts'

type Params = Readonly<Record<string, unknown>>

/** An engine on a real tmux with one fake Claude in it, and a person who answers. */
export interface SteerScene extends EngineScene {
  readonly dir: string
  readonly steering: Acting
  /** Who asks; a test may put somebody else there. */
  caller: Caller
  readonly claude: string
  propose(verb: string, params?: Params): Promise<Proposed>
  asked(verb: string, params?: Params): Promise<Extract<Proposed, { verdict: 'ask' }>>
  confirm(token: string, yes?: boolean): Promise<Acted>
  steer(verb: string, params?: Params): Promise<Acted>
  screen(): Promise<string>
  /** Keys that were pressed in dialogs of the fake, with what the dialog was about. */
  answers(): readonly string[]
}

const FAKE = join(import.meta.dirname, 'fake-claude.mjs')

/** Puts the fake on the PATH under Claude's name, with a home of its own. */
const surroundings = (): string => {
  const dir = scratch()
  mkdirSync(join(dir, 'bin'))
  copyFileSync(FAKE, join(dir, 'bin/claude'))
  chmodSync(join(dir, 'bin/claude'), 0o755)
  onTestFinished(() => void vi.unstubAllEnvs())
  vi.stubEnv('HOME', dir)
  vi.stubEnv('PATH', `${join(dir, 'bin')}:${dirname(process.execPath)}:${process.env.PATH}`)
  return dir
}

const loaded = { config: { machines: [{ id: 'here', ssh: 'local', enabled: true, allow_write_commands: true }] } }

export const openSteerScene = async (machine: Params = {}): Promise<SteerScene> => {
  const dir = surroundings()
  const engine = await openScene({ dir })
  const { store } = engine
  const now = (): Date => new Date()
  const scene = { caller: { pid: process.pid, agent: null, terminal: true } as Caller }
  const config = {
    ...loaded,
    config: { machines: [{ ...loaded.config.machines[0], ...machine }] },
  } as unknown as LoadedConfig
  const hosts = engine.engine.here.hosts
  const steering = await openActing({
    store,
    machines: () => config.config.machines,
    makers: agentMakers({
      db: store.db,
      reach: openHostReach({ db: store.db, hosts, homesOn: () => [] }),
      now,
      settled: async () => undefined,
      async keep(change) {
        const written = await store.write({ ...change, at: now(), awaited: true })
        if (!written.ok) throw new VcError('not_stored', written.detail, '')
      },
    }),
    tokens: openActTokens(now),
    now,
    log: silentLog,
    lookAtCaller: async () => scene.caller,
  })
  const acted = await engine.act('agent.spawn', { machine: 'here', cli: 'claude', cwd: dir })
  const [claude = ''] = (acted.data?.agents ?? []) as readonly string[]
  if (claude === '') throw new Error(`not spawned: ${JSON.stringify(acted)}`)
  const wishOf = (verb: string, params: Params = {}) => ({
    wish: { verb, params: { agent: claude, ...params }, origin: 'person', actor: 'ana' },
    caller: { pid: process.pid, terminal: true },
  })
  const propose = (verb: string, params?: Params) => steering.propose(wishOf(verb, params))
  const asked = async (verb: string, params?: Params) => {
    const proposed = await propose(verb, params)
    if (proposed.verdict === 'ask') return proposed
    throw new Error(`not asked: ${JSON.stringify(proposed)}`)
  }
  const confirm = (token: string, yes = true) =>
    steering.confirm({ token, yes, caller: { pid: process.pid, terminal: true } })
  return Object.assign(scene, engine, {
    dir,
    steering,
    claude,
    propose,
    asked,
    confirm,
    async steer(verb: string, params?: Params) {
      const proposed = await propose(verb, params)
      return proposed.verdict === 'acted' ? proposed.acted : confirm(proposed.token)
    },
    async screen() {
      const { socket, pane_id } = engine.agent(claude)
      const listed = await (await hosts.host('here')).list()
      const pane =
        listed.is === 'listed'
          ? listed.panes.find(({ ref }) => ref.paneId === pane_id && ref.socket === socket)
          : undefined
      const [captured] = pane === undefined ? [] : await (await hosts.host('here')).capture([pane.ref])
      return captured?.is === 'screen' ? captured.text : ''
    },
    answers() {
      try {
        return readFileSync(join(dir, 'answers'), 'utf8').trim().split('\n')
      } catch {
        return []
      }
    },
  })
}
