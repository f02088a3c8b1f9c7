import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

const FIXTURES = join(import.meta.dirname, '../fixtures')
const cat = (name: string): string => `cat '${join(FIXTURES, name)}'`

/** What each program prints, as POSIX sh; whatever a collector must not run ends with 9. */
const PROGRAMS: Readonly<Record<string, string>> = {
  afsc: 'exit 9',
  am: 'exit 9',
  bd: `case "$*" in *' list --json '*) ${cat('beads/bd-list.json')};; *) exit 9;; esac`,
  br: `case "$*" in *' list --json '*) ${cat('beads/br-list.envelope.json')};; *) exit 9;; esac`,
  bv: `case "$1" in --robot-triage) ${cat('beads/bv-triage.json')};; *) exit 9;; esac`,
  caam: `case "$*" in
'robot status --compact') ${cat('caam/robot_status.compact.json')};;
'limits --format json') ${cat('caam/limits.ok.json')};;
'ls --json') ${cat('caam/ls.ok.json')};;
*) exit 9;; esac`,
  cass: `case $1 in
health) ${cat('cass/health.healthy.json')};;
stats) ${cat('cass/stats.ok.json')};;
timeline) ${cat('cass/timeline.none.json')};;
*) exit 9;; esac`,
  caut: `case "$*" in
'query usage') ${cat('caut/error.query_no_server.stderr.json')} >&2; exit 1;;
usage\\ *) ${cat('caut/usage.with_status.json')};;
*) exit 9;; esac`,
  claude: 'exit 9',
  codex: 'exit 9',
  dcg: 'exit 9',
  gemini: 'exit 9',
  gh: `case $1 in pr) ${cat('gh/prs.handwritten.json')};; issue) echo '[]';; *) exit 9;; esac`,
  gt: `case "$*" in
'status --json --fast') ${cat('gastown/status.json')};;
'convoy list --json') ${cat('gastown/convoy-list.json')};;
mq\\ list*) ${cat('gastown/mq-list.json')};;
*) exit 9;; esac`,
  ntm: `[ "$*" = 'list --json' ] || exit 9; ${cat('ntm/list-real-1.29.3.json')}`,
  opencode: 'exit 9',
  pt: `[ "$1 $2" = 'agent watch' ] || exit 9; ${cat('pt/watch-once.jsonl')}; exit 1`,
  rano: 'exit 9',
  rch: `[ "$*" = 'status --json --format json' ] || exit 9; ${cat('rch/status-degraded.json')}`,
  ru: `case $1 in list) ${cat('ru/list.recorded.json')};; status) ${cat('ru/status.recorded.json')};; *) exit 9;; esac`,
  sysmoni: `[ "$*" = --json ] || exit 9; ${cat('sysmoni/legacy-bash.json')}`,
}

const FILE_NAMES: Readonly<Record<string, string>> = { afsc: 'automated_flywheel_setup_checker' }

/** Versions, as each program says them when asked for nothing else. */
const VERSIONS: Readonly<Record<string, string>> = {
  afsc: '0.1.0', am: '0.3.29', bd: '1.0.3', br: '0.1.9', bv: '0.9.2', caam: '0.1.9', cass: '0.6.25', caut: '0.1.0', claude: '2.1.329',
  codex: '0.169.0', dcg: '0.4.1', gemini: '0.61.0', gh: '2.23.0', gt: '1.0.1', ntm: '1.29.3', opencode: '1.18.33', pt: '2.1.0',
  rano: '0.1.0', rch: '1.0.58', ru: '1.3.1',
} // biome-ignore format: a table of versions

export const RECORDED_TOOLS: readonly string[] = Object.keys(PROGRAMS).map((name) => FILE_NAMES[name] ?? name)

export interface ToolHome {
  /** Folder of the programs, for PATH. */
  readonly bin: string
  /** Name to path, as a probe would find them. */
  readonly tools: ReadonlyMap<string, string>
  /** Words of every program run so far except for its version, oldest first; empties the log. */
  ran(): readonly string[]
  readonly checkout: string
}

/** Fills a home with programs that print recorded output and with the files that tools leave behind. */
export const installRecordedTools = (home: string, wanted: (tool: string) => boolean = () => true): ToolHome => {
  const bin = join(home, '.local/bin')
  const log = join(home, 'ran.log')
  mkdirSync(bin, { recursive: true })
  writeFileSync(log, '')
  const tools = new Map<string, string>()
  for (const [name, body] of Object.entries(PROGRAMS)) {
    const file = FILE_NAMES[name] ?? name
    if (!wanted(file)) continue
    const version = VERSIONS[name] === undefined ? '' : `--version|version|-V) echo '${file} ${VERSIONS[name]}'; exit 0;;`
    const path = join(bin, file)
    writeFileSync(path, `#!/bin/sh\ncase $1 in ${version} *) echo "${file} $*" >>'${log}';; esac\n${body}\n`)
    chmodSync(path, 0o755)
    tools.set(file, path)
  }
  leaveFiles(home)
  return {
    bin,
    tools,
    checkout: join(home, 'shop'),
    ran: () => {
      const lines = readFileSync(log, 'utf8').split('\n').filter((line) => line !== '')
      writeFileSync(log, '')
      return lines
    },
  }
}

/** What lies on the disk of a machine where these tools were used. */
const leaveFiles = (home: string): void => {
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(home, path)), { recursive: true })
    writeFileSync(join(home, path), text)
  }
  const copy = (path: string, fixture: string): void => {
    mkdirSync(dirname(join(home, path)), { recursive: true })
    copyFileSync(join(FIXTURES, fixture), join(home, path))
  }
  const build = (path: string, sql: string): void => {
    mkdirSync(dirname(join(home, path)), { recursive: true })
    const database = new DatabaseSync(join(home, path), { enableForeignKeyConstraints: false })
    database.exec(sql)
    database.close()
  }
  const sqlOf = (fixture: string): string => readFileSync(join(FIXTURES, fixture), 'utf8')
  build('.config/dcg/history.db', sqlOf('dcg/history-v5.sql'))
  build('observer.sqlite', sqlOf('rano/events-current.sql'))
  build('.mcp_agent_mail_git_mailbox_repo/storage.sqlite3', sqlOf('agent-mail/fixture.rust_0_3_29.sql'))
  build(
    '.caam/data/caam.db',
    'CREATE TABLE activity_log (id INTEGER PRIMARY KEY, timestamp TEXT, event_type TEXT, provider TEXT, profile_name TEXT, details TEXT); CREATE TABLE limit_events (id INTEGER PRIMARY KEY, provider TEXT, profile_name TEXT, hit_at TEXT, cooldown_until TEXT, notes TEXT)',
  )
  copy('.local/share/afsc/results/results_20261120_041209.jsonl', 'afsc/results_20261120_041209.jsonl')
  copy('.local/state/rch/incidents.jsonl', 'rch/incidents.jsonl')
  copy('gt/mayor/rigs.json', 'gastown/rigs.json')
  copy('gt/.events.jsonl', 'gastown/events.jsonl')
  put('gt/mayor/town.json', '{}')
  copy('shop/.beads/issues.jsonl', 'beads/issues.bd.jsonl')
  put('.claude/settings.json', '{"cleanupPeriodDays": 90}')
}
