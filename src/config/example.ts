import { COLLECTOR_NAMES } from './collector-keys.ts'
import { configSections, type KeyInfo, type SectionInfo } from './keys.ts'

const HEAD = `# vc.toml — every key with its default; a line takes effect when its leading "#" is removed.
# Looked for: --config FILE, then VC_CONFIG, then ~/.config/vc/vc.toml; without any, vc looks at this machine only.
# A ./vc.toml in the current folder is never loaded by itself. The file must be yours and writable by you alone.
# Check it: vc config lint      What a key means: vc config explain polling.max_connections
`

const MACHINES = `# One block per machine; ids are stable, history hangs on them. Without any block: this machine only.
#[[machines]]
#id = "here"
#ssh = "local"                    # this machine, without ssh
#
#[[machines]]
#id = "atlas"
#ssh = "ubuntu@atlas.internal:22" # or an alias of your ssh_config
`

const OVERRIDES = [
  '# What differs from [collectors] on the machine above: the same keys, one section per collector.',
  '#[machines.collectors.probe]',
  '#interval_seconds = 60',
]

const PLACEHOLDERS: Readonly<Record<string, string>> = {
  'vc.data_dir': '"~/.local/share/vc"',
  'vc.db_path': '"~/.local/share/vc/vc.duckdb"',
  'ssh.config_file': '"~/.ssh/config"',
  'store.memory_limit_mb': '192',
  'store.threads': '2',
  kex_first: '"curve25519-sha256"',
  default_interval_seconds: '120',
  interval_seconds: '60',
  timeout_seconds: '20',
  'alerts.channels.name': '"ops"',
  'alerts.channels.kind': '"webhook"',
  url: '"https://hooks.example.net/vc"',
  url_env: '"VC_OPS_URL"',
  token_env: '"VC_OPS_TOKEN"',
  path: '"/srv/vc/alerts.jsonl"',
  quiet_hours: '"22:00-07:00"',
  escalate_minutes: '30',
  daily_budget_usd: '50.0',
  monthly_budget_usd: '1000.0',
  max_agents: '20',
  'rules.id': '"load-hot"',
  'alerts.channels.project': '"/srv/code/app"',
  'alerts.channels.sender': '"BlueLake"',
  'rules.sql': '"FROM latest_sys_samples"',
  'rules.query': '"machines"',
  'rules.rows': '"machines"',
  'rules.when': '"load5 > cores * 1.5"',
  'rules.machine': '"id"',
  'rules.subject': '"id"',
  'rules.title': '"load of {id} is {load5}"',
  homes: '["/srv/agents/home"]',
  claude_homes: '["/srv/agents/.claude"]',
  dirs: '["/srv/code/shop"]',
  towns: '["/srv/agents/gt"]',
  rigs: '[{ name = "town", database = "shop", password_env = "BEADS_PASSWORD" }]',
  data_dirs: '["/srv/agents/opencode"]',
  databases: '["/srv/agents/tool.sqlite"]',
  history_db: '"/srv/agents/dcg/history.db"',
  other_users: 'false',
  ask_bd: 'false',
  metrics_port: '9100',
  port: '9999',
  database: '"/srv/cloud_benchmarker/cloud_benchmarker.sqlite"',
  timezone: '"Europe/Berlin"',
  hosts: '["bench_1=atlas"]',
  backfill_bytes: '2147483648',
  remote_bytes_per_tick: '33554432',
  input_usd_per_mtok: '3.0',
  output_usd_per_mtok: '15.0',
  cache_read_usd_per_mtok: '0.3',
  cache_write_usd_per_mtok: '3.75',
  cache_write_1h_usd_per_mtok: '6.0',
}

const value = (key: KeyInfo): string => {
  if (key.default !== null && key.default !== undefined) return JSON.stringify(key.default)
  return PLACEHOLDERS[key.path] ?? PLACEHOLDERS[key.name] ?? '""'
}

// Texts, lists and switches explain themselves by their value.
const limits = (key: KeyInfo): string => (/^(a text|a list|true|a number)/.test(key.type) ? '' : ` (${key.type})`)

const keyLines = (key: KeyInfo): string[] => [`# ${key.about}${limits(key)}.`, `#${key.name} = ${value(key)}`]

const COMMON: ReadonlySet<string> = new Set(['enabled', 'interval_seconds', 'timeout_seconds'])

const isOverride = (section: SectionInfo): boolean => section.path.startsWith('machines.collectors.')

function sectionText(section: SectionInfo): string {
  if (section.path === 'machines') {
    const rest = section.keys.filter((key) => key.name !== 'id' && key.name !== 'ssh')
    return [MACHINES.trimEnd(), ...rest.flatMap(keyLines), ...OVERRIDES].join('\n')
  }
  // A block that is there counts; these would be blocks without a name.
  const optional = section.path.startsWith('prices') || section.header.startsWith('[[')
  const header = optional ? `#${section.header}` : section.header
  // What every collector has is explained once.
  const known = section.path.startsWith('collectors.') && section.path !== `collectors.${COLLECTOR_NAMES[0]}`
  const lines = section.keys.flatMap((key) => (known && COMMON.has(key.name) ? keyLines(key).slice(1) : keyLines(key)))
  return [`# ${section.about}`, header, ...lines].join('\n')
}

/** The commented example that `vc config init` installs: changes nothing as it is, valid when uncommented. */
export const configExample = (): string =>
  `${[
    HEAD.trimEnd(),
    ...configSections()
      .filter((section) => !isOverride(section))
      .map(sectionText),
  ].join('\n\n')}\n`
