import { createHash } from 'node:crypto'
import { tmpdir, userInfo } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import { usageError } from '../core/errors.ts'

/** Everything vc reads from its surroundings to find its places; tests pass their own. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly home: string
  readonly tmp: string
  readonly uid: number
  readonly cwd: string
}

/** HOME where it names a place; an empty or relative one would make places depend on the current folder. */
export const homeOf = (env: Surroundings['env'], account = () => userInfo().homedir): string => {
  if (env.HOME !== undefined && isAbsolute(env.HOME)) return env.HOME
  try {
    return account()
  } catch {
    throw usageError(
      'no_home',
      `HOME names no folder, and uid ${process.getuid?.()} has no account here that would name one`,
      'set HOME to a folder of its own: HOME=/srv/vc vc …',
    )
  }
}

export const surroundings = (): Surroundings => ({
  env: process.env,
  home: homeOf(process.env),
  tmp: tmpdir(),
  uid: process.getuid?.() ?? userInfo().uid,
  cwd: process.cwd(),
})

/** Where everything lives; all absolute. Nothing is created by asking. */
export interface VcPaths {
  readonly dataDir: string
  readonly dbFile: string
  readonly backupDir: string
  /** vc's own trust in host keys; the only known_hosts vc ever writes. */
  readonly knownHostsFile: string
  readonly stateDir: string
  readonly logDir: string
  /** 0700; socket and state file. */
  readonly runDir: string
  readonly socketFile: string
  /** The pid of the running daemon, as service managers read it; who owns the store is told by its lock. */
  readonly pidFile: string
  readonly stateFile: string
  /** 0700; ControlPath sockets of the openssh transport. */
  readonly controlDir: string
}

// A unix socket address holds 108 bytes on Linux and 104 on macOS, the closing zero included.
const MAX_SOCKET_BYTES = 100
// `%C` is 40 characters, and while a master starts ssh adds a dot and 16 more.
const CONTROL_NAME_BYTES = 57

const xdg = (at: Surroundings, name: string, fallback: string): string => {
  const value = at.env[name]
  return value !== undefined && isAbsolute(value) ? value : join(at.home, fallback)
}

/** `~` and relative paths as an operator means them: home, else the folder of the file that names them. */
export const expandPath = (path: string, at: Surroundings, base: string = at.cwd): string =>
  path === '~' || path.startsWith('~/') ? join(at.home, path.slice(1)) : resolve(base, path)

const short = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8)

const fitting = (dir: string, nameBytes: number, at: Surroundings): string =>
  Buffer.byteLength(dir) + 1 + nameBytes <= MAX_SOCKET_BYTES ? dir : join(at.tmp, `vc-${at.uid}-${short(dir)}`)

export const configHome = (at: Surroundings): string => join(xdg(at, 'XDG_CONFIG_HOME', '.config'), 'vc')

/** What of vc.toml decides places. `base` is the folder of the file. */
export interface PathKeys {
  readonly data_dir?: string | null | undefined
  readonly db_path?: string | null | undefined
}

/** A second data dir gets a run dir of its own, so that two cockpits never share a socket. */
export function resolvePaths(at: Surroundings, keys: PathKeys = {}, base?: string): VcPaths {
  const usual = join(xdg(at, 'XDG_DATA_HOME', join('.local', 'share')), 'vc')
  const dataDir = keys.data_dir ? expandPath(keys.data_dir, at, base) : usual
  const stateDir = join(xdg(at, 'XDG_STATE_HOME', join('.local', 'state')), 'vc')
  const wanted = join(stateDir, dataDir === usual ? 'run' : `run-${short(dataDir)}`)
  const runDir = fitting(wanted, 'vc.sock'.length, at)
  return {
    dataDir,
    dbFile: keys.db_path ? expandPath(keys.db_path, at, base) : join(dataDir, 'vc.duckdb'),
    backupDir: join(dataDir, 'backups'),
    knownHostsFile: join(dataDir, 'known_hosts'),
    stateDir,
    logDir: join(stateDir, dataDir === usual ? 'log' : `log-${short(dataDir)}`),
    runDir,
    socketFile: join(runDir, 'vc.sock'),
    pidFile: join(runDir, 'vc.pid'),
    stateFile: join(runDir, 'state.json'),
    controlDir: fitting(join(runDir, 'cm'), CONTROL_NAME_BYTES, at),
  }
}
