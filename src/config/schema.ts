import * as z from 'zod'
import { alertKeys, ruleKeys } from './alert-keys.ts'
import { COLLECTOR_KEYS, COLLECTOR_NAMES, type CollectorName, unset } from './collector-keys.ts'

// One line per key: type, default, meaning. Checks, `vc config explain`, vc.toml and docs/config.md all come from here.
const key = <T extends z.ZodType>(type: T, value: z.output<T>, about: string) =>
  type.default(value as never).describe(about)
const section = <T extends z.core.$ZodLooseShape>(about: string, shape: T) =>
  z
    .strictObject(shape)
    .prefault({} as never)
    .describe(about)
const whole = (min: number, max: number) => z.int().min(min).max(max)
const seconds = (max = 86_400) => whole(1, max)
const text = z.string().min(1)
const usd = z.number().min(0).max(1_000_000)

const vc = section('Where vc keeps its things.', {
  data_dir: unset(text, 'Folder of everything vc keeps; unset: `$XDG_DATA_HOME/vc`, else `~/.local/share/vc`'),
  db_path: unset(text, 'The DuckDB file; unset: `<data_dir>/vc.duckdb`'),
  log_level: key(z.enum(['debug', 'info', 'warn', 'error']), 'info', 'Least severe log line the daemon writes'),
  log_max_mb: key(whole(1, 1024), 10, 'Size in MB at which a log file is rotated'),
  log_keep: key(whole(1, 100), 5, 'Rotated log files kept'),
})

const polling = section('How often and how much at once.', {
  default_interval_seconds: unset(
    seconds(),
    'Seconds between runs for every collector whose section names none; unset: each collector has its own pace',
  ),
  base_tick_local_seconds: key(seconds(60), 2, 'Tick of this machine; intervals are rounded up to multiples of it'),
  base_tick_remote_seconds: key(seconds(300), 10, 'Tick of ssh machines; intervals are rounded up to multiples of it'),
  max_machines_in_flight: key(whole(1, 1024), 32, 'Machines polled at the same time'),
  max_collectors_in_flight_per_machine: key(whole(1, 32), 4, 'Scripts running at the same time on one machine'),
  max_connects_in_flight: key(whole(1, 256), 16, 'New ssh connections being made at the same time'),
  max_connections: key(whole(1, 10_000), 1000, 'Kept ssh connections; the longest unused closes first'),
  exec_timeout_seconds: key(
    seconds(600),
    25,
    'Deadline of the script of `vc machines probe`; collectors have their own',
  ),
  retry_min_seconds: key(
    seconds(3600),
    5,
    'Shortest wait before an unreachable machine is tried again, and the first one',
  ),
  retry_max_seconds: key(
    seconds(),
    300,
    'Longest wait before an unreachable machine is tried again; each is drawn at random, from a range that doubles up to it',
  ),
})

const ssh = section('How ssh machines are reached.', {
  config_file: unset(text, 'Another ssh_config to resolve targets with; unset: what `ssh` itself reads'),
  connect_timeout_seconds: key(seconds(300), 10, 'Deadline of connecting, key exchange and login together'),
  keepalive_interval_seconds: key(seconds(3600), 15, 'Seconds of silence before a kept connection is asked for life'),
  keepalive_count_max: key(whole(1, 100), 3, 'Unanswered questions after which a connection counts as lost'),
  idle_close_seconds: key(seconds(), 600, 'Seconds after which an unused connection is closed'),
})

const store = section('The database.', {
  memory_limit_mb: unset(whole(64, 65_536), 'Memory of the database; unset: 192, or 96 with low_resource'),
  threads: unset(whole(1, 64), 'Threads of the database; unset: 1, as DuckDB 1.5 fails now and then with more'),
  low_resource: key(z.boolean(), false, 'Smaller memory, for small machines'),
  min_free_bytes: key(
    whole(0, Number.MAX_SAFE_INTEGER),
    536_870_912,
    'Free bytes below which collecting pauses (reading goes on)',
  ),
  backup_keep: key(whole(1, 365), 7, 'Daily backups kept'),
})

const retention = section(
  'What leaves the live file. Nothing does unless you say so; rollups and the ledger never do.',
  {
    archive: key(z.boolean(), false, '`vc vacuum` copies closed days into Parquet files below `<data_dir>/archive`'),
    delete: key(
      z.boolean(),
      false,
      '`vc vacuum` archives, and then removes live rows older than their table is kept for (`vc retention`)',
    ),
    hub: key(
      text,
      'main',
      'Name of this cockpit in the archive, where several share one folder: letters, digits, _ and -',
    ),
  },
)

const engine = section('Agents that vc starts.', {
  max_agents_per_machine: key(whole(1, 1000), 20, 'Agents of vc on one machine at once; more wait in a queue'),
  look_local_seconds: key(seconds(60), 5, 'Seconds between looks at the agents that vc started on this machine'),
  look_remote_seconds: key(seconds(300), 10, 'The same on ssh machines'),
  restart_delay_seconds: key(seconds(3600), 2, 'Wait before an agent that ended is started again; doubles each time'),
  restart_max_delay_seconds: key(seconds(), 300, 'Longest such wait'),
  restart_max_endings: key(whole(2, 100), 5, 'Endings within the window after which vc stops trying'),
  restart_window_minutes: key(whole(1, 1440), 10, 'The window in which endings are counted'),
  restart_grace_seconds: key(seconds(), 300, 'An agent that lived this long before it ended counts as a good start'),
  stop_grace_seconds: key(seconds(300), 10, 'Time between asking the processes of an agent to end and killing them'),
  log_max_mb: key(whole(1, 1024), 4, 'Size in MB at which the log of an agent is rotated, on its machine'),
  log_keep: key(whole(1, 100), 3, 'Log files kept of each agent'),
  models: key(
    z.record(z.string().regex(/^[a-z]+\.(opus|sonnet|haiku)$/), text),
    {},
    'Model named to a CLI for a tier, by `"cli.tier"`, e.g. `"codex.opus"`; without one it takes its own default',
  ),
})

const missions = section('The queue of missions.', {
  note_beads: key(
    z.boolean(),
    false,
    '`vc mission note` may write how a mission ended on the issue it came from, with bd or br',
  ),
})

const price = z.strictObject({
  input_usd_per_mtok: usd.describe('US dollars per million input tokens that no cache served'),
  output_usd_per_mtok: usd.describe('US dollars per million output tokens, reasoning included'),
  cache_read_usd_per_mtok: unset(usd, 'US dollars per million tokens read from the cache; unset: as input'),
  cache_write_usd_per_mtok: unset(usd, 'US dollars per million tokens written to the cache; unset: as input'),
  cache_write_1h_usd_per_mtok: unset(usd, 'The same for a cache of one hour; unset: as cache_write'),
})

const switches = {
  interval_seconds: unset(seconds(), "Seconds between runs; unset: the collector's own pace"),
  timeout_seconds: unset(seconds(3600), "Deadline of one run, at most the interval; unset: the collector's own"),
}

type Sections<Fields> = { [Name in CollectorName]: Fields }
const perCollector = <T>(build: (name: CollectorName) => T): Sections<T> =>
  Object.fromEntries(COLLECTOR_NAMES.map((name) => [name, build(name)])) as Sections<T>

const isOff = (name: CollectorName): boolean => 'off' in COLLECTOR_KEYS[name]

const collectors = section(
  'One section per collector.',
  perCollector((name) =>
    section(`${COLLECTOR_KEYS[name].about}.`, {
      enabled: key(z.boolean(), !isOff(name), 'Whether this collector runs'),
      ...switches,
      ...(COLLECTOR_KEYS[name].options as Record<string, z.ZodType>),
    }),
  ),
)

const overrides = section(
  'What differs from `[collectors]` on this machine.',
  perCollector((name) =>
    z
      .strictObject({
        enabled: unset(z.boolean(), 'Whether this collector runs on this machine; unset: as in `[collectors]`'),
        ...switches,
        ...(COLLECTOR_KEYS[name].options as Record<string, z.ZodType>),
      })
      .nullable()
      .default(null)
      .describe(`${COLLECTOR_KEYS[name].about}.`),
  ),
)

const machine = z
  .strictObject({
    id: text.max(64).describe('Name of the machine, stable and unique; history hangs on it'),
    ssh: text
      .max(255)
      .describe('`local` for this machine, else an ssh_config alias, `user@host[:port]` or `ssh://user@host:port`'),
    tags: key(z.array(text), [], 'Free words to choose machines by'),
    roles: key(z.array(text), [], 'What the machine is for: main, worker, storage, …'),
    enabled: key(z.boolean(), true, 'Whether vc looks at it at all'),
    allow_write_commands: key(z.boolean(), false, 'Whether vc may ever change something there'),
    max_agents: unset(whole(1, 1000), 'Agents of vc there at once; unset: engine.max_agents_per_machine'),
    adopt: key(
      z.array(z.enum(['claude', 'codex', 'gemini', 'opencode'])),
      [],
      'CLIs whose agents there, in tmux of the same user, are adopted when vc sees them, as by `vc agent adopt`',
    ),
    allow_autopilot: key(z.boolean(), false, 'Whether vc may ever act there without being asked'),
    transport: key(z.enum(['auto', 'ssh2', 'openssh']), 'auto', 'Way to reach it; `auto` falls back to `ssh` itself'),
    kex_first: unset(
      z.enum(['curve25519-sha256', 'ecdh-sha2-nistp256']),
      'Key exchange the system `ssh` tries first: cheaper to connect with, without protection against quantum computers',
    ),
    collectors: overrides,
  })
  .describe('One block per machine; without any, vc looks at this machine only.')

const autopilot = z
  .looseObject({
    mode: key(
      z.enum(['off', 'suggest', 'execute-safe', 'execute-with-approval']),
      'suggest',
      'What vc may do by itself',
    ),
  })
  .prefault({})
  .describe('Kept for the guardian; this version reads it and does nothing with it.')

const kept = (about: string) => z.looseObject({}).prefault({}).describe(about)

export const configSchema = z.strictObject({
  vc,
  polling,
  ssh,
  store,
  retention,
  machines: key(z.array(machine), [], 'One block per machine; without any, vc looks at this machine only.'),
  collectors,
  prices: key(
    z.record(z.string(), price),
    {},
    'Your own prices, by `"provider/model"`; they win over the built-in list. A model of which that has only a shorter name (`claude-sonnet-5-5` where it knows `claude-sonnet-5`) has no price until you name it here; releases (`-20250929`, `-latest`) have that of their model. What was served in a way of its own has a name of its own: `"anthropic/claude-opus-4-8[fast]"`, likewise `[priority]`, `[batch]`, `[flex]`; the list knows no price of those. `[us]`, served within the United States only, costs a tenth more than the list says.',
  ),
  alerts: alertKeys,
  rules: key(z.array(ruleKeys), [], 'Your own alert rules: a named query and a condition over its rows.'),
  engine,
  missions,
  autopilot,
  web: kept('Kept for the dashboard; this version reads it and does nothing with it.'),
})

/** The whole configuration, names exactly as in vc.toml; null stands for "not set". */
export type VcConfig = z.output<typeof configSchema>
export type MachineConfig = VcConfig['machines'][number]
export type AlertConfig = VcConfig['alerts']
export type ChannelConfig = AlertConfig['channels'][number]
export type RuleConfig = VcConfig['rules'][number]
export type PriceConfig = VcConfig['prices'][string]
export type LogLevel = VcConfig['vc']['log_level']
export type TransportChoice = MachineConfig['transport']
