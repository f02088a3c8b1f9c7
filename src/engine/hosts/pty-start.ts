import { readFileSync } from 'node:fs'
import { access, constants, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { SessionSpec } from '../../core/session-host.ts'

const BASE = [
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'PATH',
  'LANG',
  'LC_ALL',
  'LC_CTYPE',
  'TZ',
  'XDG_CONFIG_HOME',
  'XDG_DATA_HOME',
  'XDG_STATE_HOME',
  'XDG_CACHE_HOME',
  'TMPDIR',
]

type Env = Readonly<Record<string, string | undefined>>

/** What a child gets: the few names of every host, what the spec takes over, what it sets. */
export const childEnvironment = (spec: SessionSpec, mark: string, env: Env): Readonly<Record<string, string>> => {
  const kept = [...BASE, ...(spec.passEnv ?? [])].flatMap((name) => {
    const value = env[name]
    return value === undefined || value === '' ? [] : [[name, value]]
  })
  const all: Record<string, string> = { ...Object.fromEntries(kept), ...spec.env, VC_SESSION: mark }
  const isUtf8 = /utf-?8/i.test(all.LC_ALL ?? all.LC_CTYPE ?? all.LANG ?? '')
  return isUtf8 ? all : { ...all, LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8' }
}

const yes = (asked: Promise<unknown>): Promise<boolean> =>
  asked.then(
    () => true,
    () => false,
  )

/** Looked at beforehand: a PTY whose program is missing would only end. */
export const whatIsMissing = async (spec: SessionSpec, path: string): Promise<'no_cwd' | 'no_program' | null> => {
  const isFolder = await stat(spec.cwd).then(
    (found) => found.isDirectory(),
    () => false,
  )
  if (!isFolder || !(await yes(access(spec.cwd, constants.X_OK)))) return 'no_cwd'
  const program = spec.argv[0]
  const places = program.includes('/') ? [join(spec.cwd, program)] : path.split(':').map((dir) => join(dir, program))
  if (program.startsWith('/')) places.push(program)
  for (const place of places) if (await yes(access(place, constants.X_OK))) return null
  return 'no_program'
}

/** When a process began as /proc counts; null where there is no /proc. One small read: nothing may wait between start and listening. */
export const startTicksOf = (pid: number): number | null => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[19]) || null
  } catch {
    return null
  }
}
