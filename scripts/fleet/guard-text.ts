import type { DemoMachine } from './describe.ts'
import { HOME, START_TICKS } from './session-facts.ts'

type Guard = 'mail' | 'dcg' | 'rano' | 'pt' | 'sysmoni'

const HAS: Readonly<Record<string, readonly Guard[]>> = {
  atlas: ['mail', 'dcg', 'rano', 'pt', 'sysmoni'],
  borg: ['mail', 'dcg'],
  cygnus: ['dcg', 'pt'],
}

const has = ({ id }: DemoMachine, guard: Guard): boolean => HAS[id]?.includes(guard) ?? false

const MAIL_DB = `${HOME}/.mcp_agent_mail_git_mailbox_repo/storage.sqlite3`
const DCG_DB = `${HOME}/.config/dcg/history.db`
const RANO_DB = `${HOME}/observer.sqlite`

/** Tools of this machine, by name, with their paths. */
export const guardTools = (machine: DemoMachine): Readonly<Record<string, string>> =>
  Object.fromEntries(
    (['dcg', 'rano', 'pt', 'sysmoni'] as const)
      .filter((name) => has(machine, name))
      .map((name) => [name, `/usr/local/bin/${name}`]),
  )

/** What these tools call their version. */
export const GUARD_VERSIONS: Readonly<Record<string, string>> = {
  dcg: 'dcg 0.4.1',
  rano: 'rano 0.1.0',
  pt: 'pt 2.1.0',
}

const foundText = (path: string | null): string =>
  `${path === null ? '' : `file\t1311:90112:1763600000\t-\t${path}\n`}end\n`

/** Recorded outputs of this machine, by file name, each with the ask it answers. */
export const guardOutputs = (machine: DemoMachine) => ({
  'agent-mail-find.txt': {
    ask: 'agent_mail.find',
    text: foundText(has(machine, 'mail') ? MAIL_DB : null),
    durationMs: 6,
  },
  'dcg-find.txt': { ask: 'dcg.find', text: foundText(has(machine, 'dcg') ? DCG_DB : null), durationMs: 7 },
  'rano-find.txt': { ask: 'rano.find', text: foundText(has(machine, 'rano') ? RANO_DB : null), durationMs: 9 },
  'pt-watch.txt': { ask: 'pt.watch', text: ptText(machine), durationMs: 640 },
  'sysmoni.txt': { ask: 'sysmoni.sample', text: sysmoniText(machine), durationMs: 2900 },
})

/** Databases of this machine, as the SQL that makes them, by path. */
export const guardDisk = (machine: DemoMachine): readonly (readonly [string, string])[] => [
  ...(has(machine, 'mail') ? [[`${MAIL_DB}.sql`, mailSql(machine)] as const] : []),
  ...(has(machine, 'dcg') ? [[`${DCG_DB}.sql`, dcgSql(machine)] as const] : []),
  ...(has(machine, 'rano') ? [[`${RANO_DB}.sql`, ranoSql(machine)] as const] : []),
]

const ptText = (machine: DemoMachine): string => {
  const pid = 3900 + machine.cores
  const finding = {
    classification: 'review',
    command: 'node /srv/code/shop/node_modules/.bin/jest --watch',
    confidence: 0.91,
    event: 'candidate_detected',
    pid,
    severity: 'high',
    timestamp: '2026-11-20T21:55:01.120331+00:00',
  }
  const lines = has(machine, 'pt') ? [JSON.stringify(finding)] : []
  const stat = `proc\t${pid} (node) S 1 ${'0 '.repeat(17)}${START_TICKS} 0 0`
  return [...lines, '', 'rc\t0', ...(has(machine, 'pt') ? [stat] : []), 'end', ''].join('\n')
}

const sysmoniText = (machine: DemoMachine): string => {
  const { agents, busyPct, cores, load, memGb, memUsedPct } = machine
  const total = memGb * 1024 ** 3
  const sample = {
    Timestamp: '2026-11-20T22:54:02.118301222+01:00',
    Interval: 1_000_000_000,
    CPU: {
      Total: busyPct,
      PerCore: Array.from({ length: cores }, () => busyPct),
      Load1: load[0],
      Load5: load[1],
      Load15: load[2],
    },
    Memory: { UsedBytes: Math.round((total * memUsedPct) / 100), TotalBytes: total, SwapUsed: 0, SwapTotal: 0 },
    IO: { DiskReadMBs: 1.25, DiskWriteMBs: 12.5, NetRxMbps: 8.4, NetTxMbps: 0.9, PerDevice: null },
    GPUs: null,
    Top: agents.map(({ pid, cli, cpuPct, rssMb }) => ({
      ...{
        PID: pid,
        Nice: 0,
        CPU: cpuPct,
        Memory: Number(((rssMb * 1024 ** 2 * 100) / total).toFixed(3)),
        Command: cli,
      },
      ...{ FDCount: 40 + (pid % 50), ReadKBs: pid % 7, WriteKBs: pid % 90 },
    })),
    Temps: [{ Zone: 'thermal_zone0', Temp: 48.5 }],
  }
  const stats = agents.map(({ pid, cli }) => `proc\t${pid} (${cli}) S 1 ${'0 '.repeat(17)}${START_TICKS} 0 0`)
  return ['kind\tstream', ...stats, 'data', JSON.stringify(sample), 'end', ''].join('\n')
}

const ago = (seconds: number): string => `@{start.epochms-${seconds}}000`

const MAIL_SCHEMA = `CREATE TABLE projects (id INTEGER PRIMARY KEY AUTOINCREMENT, slug TEXT NOT NULL UNIQUE, human_key TEXT NOT NULL, created_at INTEGER NOT NULL);
CREATE TABLE agents (id INTEGER PRIMARY KEY AUTOINCREMENT, project_id INTEGER NOT NULL, name TEXT NOT NULL);
CREATE TABLE messages (id INTEGER PRIMARY KEY AUTOINCREMENT, project_id INTEGER NOT NULL, sender_id INTEGER NOT NULL, thread_id TEXT, subject TEXT NOT NULL, body_md TEXT NOT NULL, importance TEXT NOT NULL, ack_required INTEGER NOT NULL, created_ts INTEGER NOT NULL);
CREATE TABLE message_recipients (message_id INTEGER NOT NULL, agent_id INTEGER NOT NULL, kind TEXT NOT NULL, read_ts INTEGER, ack_ts INTEGER, PRIMARY KEY (message_id, agent_id));
CREATE TABLE file_reservations (id INTEGER PRIMARY KEY AUTOINCREMENT, project_id INTEGER NOT NULL, agent_id INTEGER NOT NULL, path_pattern TEXT NOT NULL, exclusive INTEGER NOT NULL, reason TEXT NOT NULL, created_ts INTEGER NOT NULL, expires_ts INTEGER NOT NULL, released_ts INTEGER);
CREATE TABLE file_reservation_releases (reservation_id INTEGER PRIMARY KEY, released_ts INTEGER NOT NULL);`

const mailSql = ({ agents }: DemoMachine): string => {
  const [first] = agents
  const project = first?.cwd ?? HOME
  return [
    MAIL_SCHEMA,
    `INSERT INTO projects VALUES (1, '${project.slice(1).replaceAll('/', '-')}', '${project}', ${ago(600_000)});`,
    "INSERT INTO agents VALUES (1, 1, 'GreenCastle'), (2, 1, 'BlueLake');",
    `INSERT INTO messages VALUES (1, 1, 1, NULL, 'Taking the parser', 'demo', 'normal', 0, ${ago(9_000)}),`,
    `  (2, 1, 2, 'bd-123', 'Review of the schema needed', 'demo', 'urgent', 1, ${ago(7_500)}),`,
    `  (3, 1, 1, 'bd-123', 'Re: Review of the schema needed', 'demo', 'high', 1, ${ago(1_200)});`,
    `INSERT INTO message_recipients VALUES (1, 2, 'to', ${ago(8_800)}, NULL), (2, 1, 'to', NULL, NULL), (3, 2, 'to', ${ago(900)}, ${ago(900)});`,
    `INSERT INTO file_reservations VALUES (1, 1, 1, 'src/parser/**', 1, 'bd-123', ${ago(7_000)}, @{start.epochms+14400}000, NULL);`,
    '',
  ].join('\n')
}

const dcgSql = ({ agents }: DemoMachine): string => {
  const rows = agents.slice(0, 3).map(({ cwd }, i) => {
    const [outcome, command, pack, pattern] = REFUSED[i] ?? REFUSED[0]
    return `INSERT INTO commands VALUES (${i + 2}, '@{start.iso-${1_500 * (i + 1)}}', 'claude_code', '${cwd}', '${command}', '${`${i}`.repeat(64)}', '${outcome}', '${pack}', '${pattern}', '${pack}:${pattern}', 412, NULL);`
  })
  return [
    'CREATE TABLE commands (id INTEGER PRIMARY KEY AUTOINCREMENT, timestamp TEXT NOT NULL, agent_type TEXT NOT NULL, working_dir TEXT NOT NULL, command TEXT NOT NULL, command_hash TEXT NOT NULL, outcome TEXT NOT NULL, pack_id TEXT, pattern_name TEXT, rule_id TEXT, eval_duration_us INTEGER, allowlist_layer TEXT);',
    'CREATE TABLE schema_version (version INTEGER PRIMARY KEY, applied_at TEXT NOT NULL, description TEXT NOT NULL);',
    "INSERT INTO schema_version VALUES (5, '2026-11-01 10:00:00', 'demo');",
    ...rows,
    '',
  ].join('\n')
}

const REFUSED = [
  ['deny', 'git reset --hard HEAD~3', 'core.git', 'reset-hard'],
  ['warn', 'docker system prune -f', 'containers.docker', 'system-prune'],
  ['deny', 'rm -rf ./dist', 'core.filesystem', 'rm-rf-general'],
] as const

const ranoSql = ({ agents }: DemoMachine): string => {
  const second = (s: number): string => `substr('@{start.iso-${s}}', 1, 19) || 'Z'`
  const rows = agents.flatMap(({ pid, cli }, i) =>
    [900, 600, 300].map(
      (s) =>
        `INSERT INTO events (ts, run_id, event, provider, pid, comm, proto, local_port, remote_ip, remote_port, domain, duration_ms, alert) VALUES (${second(s + i)}, 'demo-1', 'connect', '${PROVIDERS[cli]}', ${pid}, '${cli}', 'tcp', ${50_000 + i}, '203.0.113.${10 + i}', 443, 'unknown', NULL, 0);`,
    ),
  )
  return [
    'CREATE TABLE events (id INTEGER PRIMARY KEY AUTOINCREMENT, ts TEXT, run_id TEXT, event TEXT, provider TEXT, pid INTEGER, comm TEXT, proto TEXT, local_ip TEXT, local_port INTEGER, remote_ip TEXT, remote_port INTEGER, domain TEXT, duration_ms INTEGER, alert INTEGER);',
    ...rows,
    `INSERT INTO events (ts, run_id, event, provider, comm, proto, remote_ip, remote_port, domain, alert) VALUES (${second(200)}, 'demo-1', 'connect', 'unknown', 'node', 'tcp', '198.51.100.7', 4444, 'unknown', 1);`,
    '',
  ].join('\n')
}

const PROVIDERS = { claude: 'anthropic', codex: 'openai', gemini: 'google', opencode: 'unknown' } as const
