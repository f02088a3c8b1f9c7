import { accountTools } from './accounts-text.ts'
import { ownTools } from './builds-text.ts'
import type { DemoMachine } from './describe.ts'
import { guardTools } from './guard-text.ts'
import { orchestratorsOf } from './orchestrator-text.ts'
import { repoTools } from './repo-text.ts'

/** What every machine of the demo fleet has. */
export const SYSTEM_TOOLS = {
  tmux: '/usr/bin/tmux',
  git: '/usr/bin/git',
  sqlite3: '/usr/bin/sqlite3',
  python3: '/usr/bin/python3',
}

/** Where each program of a machine lies, by name. */
export const toolPaths = (machine: DemoMachine): Readonly<Record<string, string>> => ({
  ...SYSTEM_TOOLS,
  ...guardTools(machine),
  ...ownTools(machine),
  ...accountTools(machine),
  ...repoTools(machine),
  ...orchestratorsOf(machine),
  ...Object.fromEntries(machine.agents.map(({ cli }) => [cli, `/home/dev/.local/bin/${cli}`])),
})
