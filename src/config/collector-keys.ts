import * as z from 'zod'

/** What vc.toml may say of a collector besides `enabled`, `interval_seconds` and `timeout_seconds`. */
export interface CollectorKeys {
  readonly name: string
  readonly about: string
  /** The collector's own pace; a test compares it with src/collectors. */
  readonly interval: { readonly localS: number; readonly remoteS: number }
  readonly options: Readonly<Record<string, z.ZodType>>
  /** Runs only where a file says so. */
  readonly off?: true
}

/** A key that is simply absent when a file does not name it; the reader gets null. */
export const unset = <T extends z.ZodType>(type: T, about: string) => type.nullable().default(null).describe(about)

const folders = (about: string) => unset(z.array(z.string().regex(/^\//)), about)

const word = z.string().min(1).max(255)

/** One branch of one Dolt database. A password is named here, never written. */
const beadsRig = z.strictObject({
  name: word.describe('Name of the rig'),
  machine: unset(word, 'Machine its rows belong to; unset: the one vc runs on'),
  host: word.default('127.0.0.1').describe('Server, as vc reaches it'),
  port: z.int().min(1).max(65_535).default(3307).describe('Port; Gastown uses 3307, the shared server of bd 3308'),
  socket: unset(z.string().regex(/^\//), 'Unix socket of the server; wins over host and port'),
  user: word.default('root').describe('User; one that may only read is best'),
  password_env: unset(word, 'Environment variable of vc that holds the password'),
  password_file: unset(z.string().regex(/^\//), 'File whose first line is the password'),
  database: word.describe('Database, usually the issue prefix'),
  branch: unset(z.string().regex(/^[A-Za-z0-9_./-]+$/), 'Branch to read; unset: the default one of the server'),
  as_of: unset(z.string().regex(/^[A-Za-z0-9_./-]+$/), 'Commit, tag or branch to read in place of what stands now'),
  project_id: unset(word, 'Project that must answer there, as in .beads/metadata.json'),
  tls: z
    .enum(['off', 'on', 'insecure'])
    .default('off')
    .describe('`on` checks the certificate, `insecure` only encrypts'),
  tls_ca_file: unset(z.string().regex(/^\//), 'Authority that signed the certificate of the server'),
})

const bytes = (about: string) => unset(z.int().min(65_536).max(Number.MAX_SAFE_INTEGER), about)

const HOMES = folders('More configuration folders of this CLI to read, besides the usual one')

const TRANSCRIPTS = {
  homes: HOMES,
  other_users: unset(z.boolean(), "Read other users' homes too (only where vc runs as root, under strict file checks)"),
  backfill_bytes: bytes('Most bytes one run reads on this machine; unset: 2 GiB'),
  remote_bytes_per_tick: bytes('Most bytes one run asks of an ssh machine; unset: 32 MiB'),
} as const

/** Every collector a file may configure: names here are the only valid ones. */
export const COLLECTOR_KEYS = {
  probe: {
    name: 'probe',
    about: 'CPU, memory, disks, pressure, processes, installed tools',
    interval: { localS: 10, remoteS: 30 },
    options: {},
  },
  tmux: {
    name: 'tmux',
    about: 'Terminals of every tmux server of the user',
    interval: { localS: 10, remoteS: 30 },
    options: {},
  },
  terminals: {
    name: 'terminals',
    about: 'Terminals outside tmux that hold agents: GNU screen, zellij, plain ones',
    interval: { localS: 10, remoteS: 30 },
    options: {},
  },
  live: {
    name: 'live',
    about: 'What agent CLIs themselves say about their state',
    interval: { localS: 2, remoteS: 30 },
    options: { claude_homes: folders('More configuration folders of Claude Code, besides ~/.claude') },
  },
  claude: {
    name: 'claude',
    about: 'Claude Code transcripts: tokens, sessions, limits',
    interval: { localS: 30, remoteS: 30 },
    options: TRANSCRIPTS,
  },
  codex: {
    name: 'codex',
    about: 'Codex rollouts: tokens, sessions, limits',
    interval: { localS: 30, remoteS: 30 },
    options: TRANSCRIPTS,
  },
  gemini: {
    name: 'gemini',
    about: 'Gemini CLI chats: tokens, sessions',
    interval: { localS: 30, remoteS: 30 },
    options: TRANSCRIPTS,
  },
  opencode: {
    name: 'opencode',
    about: 'OpenCode database: tokens, sessions',
    interval: { localS: 30, remoteS: 30 },
    options: { data_dirs: folders('Folders that hold an opencode.db; set: only these') },
  },
  git: {
    name: 'git',
    about: 'Branch, changes and last commit where agents work',
    interval: { localS: 300, remoteS: 300 },
    options: {},
  },
  ru: {
    name: 'ru',
    about: 'Repositories that ru keeps',
    interval: { localS: 300, remoteS: 300 },
    options: {},
  },
  gh: {
    name: 'gh',
    about:
      'Open issues and pull requests of repositories on GitHub, through gh; asks the network, so it is off unless enabled',
    interval: { localS: 120, remoteS: 120 },
    options: {},
    off: true,
  },
  agent_config: {
    name: 'agent_config',
    about: 'Settings and MCP servers of agent CLIs, without secrets',
    interval: { localS: 600, remoteS: 600 },
    options: {},
  },
  tool_versions: {
    name: 'tool_versions',
    about: 'Versions of installed tools, asked once per change of their file',
    interval: { localS: 120, remoteS: 120 },
    options: {},
  },
  hooks: {
    name: 'hooks',
    about: "What agent CLIs say through vc's own hooks, where they are installed",
    interval: { localS: 10, remoteS: 30 },
    options: {},
  },
  ntm: {
    name: 'ntm',
    about: 'Sessions and agents as ntm names them, and its attention events',
    interval: { localS: 120, remoteS: 120 },
    options: {},
  },
  gastown: {
    name: 'gastown',
    about: 'Towns of gastown: agents by role, hooks, convoys, merge queues, subjects of mail',
    interval: { localS: 120, remoteS: 120 },
    options: { towns: folders('Towns besides ~/gt and those agents work in') },
  },
  caut: {
    name: 'caut',
    about: "Claude's rate-limit windows and outages as caut reads them",
    interval: { localS: 300, remoteS: 300 },
    options: {},
  },
  caam: {
    name: 'caam',
    about: 'Logins that caam keeps: which is active, their limits, switches and limit hits',
    interval: { localS: 300, remoteS: 300 },
    options: {},
  },
  retention: {
    name: 'retention',
    about: 'How long agent CLIs keep their transcripts before they delete them',
    interval: { localS: 300, remoteS: 300 },
    options: {},
  },
  cass: {
    name: 'cass',
    about: 'Session search: state of the index, totals, session starts per hour',
    interval: { localS: 300, remoteS: 300 },
    options: {},
  },
  rch: {
    name: 'rch',
    about: 'Remote builds: daemon, workers, queue, finished builds, incidents',
    interval: { localS: 120, remoteS: 120 },
    options: {
      metrics_port: unset(
        z.int().min(0).max(65_535),
        'Loopback port of the metrics of rchd; 0: do not ask; unset: 9100',
      ),
    },
  },
  afsc: {
    name: 'afsc',
    about: 'Finished runs of automated_flywheel_setup_checker',
    interval: { localS: 300, remoteS: 300 },
    options: {},
  },
  cloud_benchmarker: {
    name: 'cloud_benchmarker',
    about: 'Benchmarks of hosts; set port or database on the one machine that is its controller',
    interval: { localS: 900, remoteS: 900 },
    options: {
      port: unset(z.int().min(1).max(65_535), 'Loopback port of the app, by its own default 9999; unset: not asked'),
      database: unset(z.string().regex(/^\//), 'Its SQLite file; set: read instead of the app'),
      timezone: unset(
        z.string().max(64),
        'Time zone of its rows, such as Europe/Berlin or +0200; unset: as the machine says of itself',
      ),
      hosts: unset(z.array(z.string()), 'Which machine an alias of its inventory is, each as "alias=machine"'),
    },
  },
  agent_mail: {
    name: 'agent_mail',
    about: 'Messages, acknowledgements and file reservations of MCP Agent Mail',
    interval: { localS: 120, remoteS: 120 },
    options: { databases: folders('storage.sqlite3 files to read; set: only these') },
  },
  dcg: {
    name: 'dcg',
    about: 'Commands that Destructive Command Guard denied, warned about or let pass',
    interval: { localS: 120, remoteS: 120 },
    options: {
      history_db: unset(z.string().regex(/^\//), 'The history.db to read, where it lies in an unusual place'),
    },
  },
  rano: {
    name: 'rano',
    about: 'Connections of agents, as the network observer rano recorded them',
    interval: { localS: 120, remoteS: 120 },
    options: { databases: folders('SQLite files that rano writes; set: only these') },
  },
  beads: {
    name: 'beads',
    about: 'Issues of the projects agents work in, from .beads folders',
    interval: { localS: 60, remoteS: 300 },
    options: {
      dirs: folders('More folders whose .beads is read, besides those where agents work'),
      ask_bd: unset(z.boolean(), 'Ask bd for issues that no file holds; reading so gives its database files new times'),
    },
  },
  pt: {
    name: 'pt',
    about: 'Processes that process triage thinks abandoned or stuck',
    interval: { localS: 120, remoteS: 120 },
    options: {},
  },
  sysmoni: {
    name: 'sysmoni',
    about: 'Open files and reading and writing per process, GPU and temperatures, from SRPS',
    interval: { localS: 300, remoteS: 300 },
    options: {},
  },
  beads_dolt: {
    name: 'beads_dolt',
    about: 'Issues of bd in Dolt databases, asked over the network by vc itself',
    interval: { localS: 120, remoteS: 120 },
    options: {
      rigs: unset(
        z.array(beadsRig),
        'Databases to read, one `[[collectors.beads_dolt.rigs]]` block each: name, database; host (127.0.0.1), port (3307), socket, user (root), password_env or password_file, branch, as_of, project_id, tls (off, on, insecure), tls_ca_file, machine (the one its rows belong to)',
      ),
    },
  },
} as const satisfies Record<string, CollectorKeys>

/** These price what they read, so they are handed `[prices]` too. */
export const PRICING_COLLECTORS: ReadonlySet<string> = new Set(['claude', 'codex', 'gemini', 'opencode'])

export type CollectorName = keyof typeof COLLECTOR_KEYS

export const COLLECTOR_NAMES = Object.keys(COLLECTOR_KEYS) as readonly CollectorName[]
