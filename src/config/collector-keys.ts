import { z } from 'zod'

/** What vc.toml may say of a collector besides `enabled`, `interval_seconds` and `timeout_seconds`. */
export interface CollectorKeys {
  readonly name: string
  readonly about: string
  /** The collector's own pace; a test compares it with src/collectors. */
  readonly interval: { readonly localS: number; readonly remoteS: number }
  readonly options: Readonly<Record<string, z.ZodType>>
}

/** A key that is simply absent when a file does not name it; the reader gets null. */
export const unset = <T extends z.ZodType>(type: T, about: string) => type.nullable().default(null).describe(about)

const folders = (about: string) => unset(z.array(z.string().min(1)), about)

const HOMES = {
  homes: folders(
    'More configuration folders of this CLI to read, besides the usual one; `~` is the home on that machine',
  ),
  other_users: unset(z.boolean(), "Read other users' homes too (only where vc runs as root, under strict file checks)"),
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
  live: {
    name: 'live',
    about: 'What agent CLIs themselves say about their state',
    interval: { localS: 2, remoteS: 30 },
    options: { homes: HOMES.homes },
  },
  claude: {
    name: 'claude',
    about: 'Claude Code transcripts: tokens, sessions, limits',
    interval: { localS: 30, remoteS: 30 },
    options: HOMES,
  },
  codex: {
    name: 'codex',
    about: 'Codex rollouts: tokens, sessions, limits',
    interval: { localS: 30, remoteS: 30 },
    options: HOMES,
  },
  gemini: {
    name: 'gemini',
    about: 'Gemini CLI chats: tokens, sessions',
    interval: { localS: 30, remoteS: 30 },
    options: HOMES,
  },
  opencode: {
    name: 'opencode',
    about: 'OpenCode database: tokens, sessions',
    interval: { localS: 30, remoteS: 30 },
    options: HOMES,
  },
  git: {
    name: 'git',
    about: 'Branch, changes and last commit where agents work',
    interval: { localS: 300, remoteS: 300 },
    options: {},
  },
} as const satisfies Record<string, CollectorKeys>

export type CollectorName = keyof typeof COLLECTOR_KEYS

export const COLLECTOR_NAMES = Object.keys(COLLECTOR_KEYS) as readonly CollectorName[]
