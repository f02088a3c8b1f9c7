import type { DemoMachine } from './describe.ts'
import { agentsOf, HOME } from './session-facts.ts'

const NONCE = 'de30de30de30de30'
const [RS, US] = [`\x1e${NONCE}`, `\x1f${NONCE}`]

export const REPO_VERSIONS: Readonly<Record<string, string>> = { ru: 'ru version 1.3.1' }

/** One machine keeps its repositories with ru. */
export const repoTools = ({ id }: DemoMachine): Readonly<Record<string, string>> =>
  id === 'borg' ? { ru: '/usr/local/bin/ru' } : {}

const envelope = (command: string, rows: readonly object[]): string =>
  JSON.stringify({
    generated_at: '@{iso-1}',
    version: '1.3.1',
    output_format: 'json',
    command,
    data: { total: rows.length, repos: rows },
  })

const ruText = ({ agents }: DemoMachine): string => {
  const listed = [
    ...agents.slice(0, 3).map(({ cwd, pid }) => ({ cwd, ahead: pid % 4 })),
    { cwd: '/srv/code/archive', ahead: -1 },
  ]
  const rows = listed.map(({ cwd, ahead }) => ({
    repo: `acme/${cwd.split('/').at(-1)}`,
    path: cwd,
    status: ahead < 0 ? 'missing' : ahead === 0 ? 'current' : 'ahead',
    branch: ahead < 0 ? '' : 'main',
    ahead: Math.max(0, ahead),
    behind: 0,
    dirty: ahead > 0,
    mismatch: false,
  }))
  const list = rows.map(({ repo, path }) => ({ repo, url: `https://git.example/${path.split('/').at(-1)}`, path }))
  const section = (name: string, out: string): string => `${RS} ${name}\n${out}\n${US} 0\n`
  return `vc-tool 1 ${NONCE}\n${section('list', envelope('list', list))}${section('status', envelope('status', rows))}${RS} end`
}

interface File {
  readonly cli: string
  readonly level: string
  readonly project?: string
  readonly path: string
  readonly mode: string
  readonly text: string
}

const fileText = ({ cli, level, project = '', path, mode, text }: File): string =>
  [' F', cli, level, project, path, mode, 'ok', text.length, '@{epoch-864000}', '', text].join(US)

const CLAUDE = {
  model: '=sonnet',
  cleanupPeriodDays: 30,
  permissions: {
    defaultMode: '=default',
    allow: ['%Bash#18:5a1f0c2b77e1', '%Bash#12:0b6e21d9aa40', '%Read#9:747b79efebef'],
  },
  hooks: { Stop: [{ hooks: [{ type: '=command', command: '$notify#31:71e6df225aba' }] }] },
}
const CODEX = `model = "=gpt-5.1-codex"
approval_policy = "=on-request"
sandbox_mode = "=workspace-write"
[mcp_servers.docs]
url = "@docs.example"
[mcp_servers.docs.http_headers]
X-Api-Key = "-"
`
const MCP = {
  mcpServers: { tickets: { command: '$npx#3:0d26e6906f1c', args: ['-', '-'], env: { TICKETS_TOKEN: '-' } } },
}

/** What the settings script says of the CLIs that work there. */
const settingsText = (machine: DemoMachine): string => {
  const [claude] = agentsOf(machine, 'claude')
  const json = (value: object): string => JSON.stringify(value)
  const files: readonly File[] = [
    ...(claude === undefined
      ? []
      : [
          { cli: 'claude', level: 'global', path: `${HOME}/.claude/settings.json`, mode: 'json', text: json(CLAUDE) },
          {
            cli: 'claude',
            level: 'project',
            project: claude.cwd,
            path: `${claude.cwd}/.mcp.json`,
            mode: 'json',
            text: json(MCP),
          },
        ]),
    ...agentsOf(machine, 'codex')
      .slice(0, 1)
      .map(() => ({ cli: 'codex', level: 'global', path: `${HOME}/.codex/config.toml`, mode: 'toml', text: CODEX })),
  ]
  return `vc-settings 1 ${NONCE}\n${files.map((file) => `${RS}${fileText(file)}`).join('')}${RS} end`
}

// before the first probe a machine is asked for tools it may not have
const NO_RU = `vc-tool 1 ${NONCE}\n${RS} missing\n${US} 127\n`

export const repoOutputs = (machine: DemoMachine) => ({
  'ru.txt': { ask: 'ru.repos', text: 'ru' in repoTools(machine) ? ruText(machine) : NO_RU, durationMs: 260 },
  'agent-config.txt': { ask: 'agent_config.files', text: settingsText(machine), durationMs: 24 },
})
