import { SAFE_NAME } from '../../core/ids.ts'
import type { SqlTarget } from '../../core/sql-port.ts'

/** One branch of one Dolt database, as `[[collectors.beads_dolt.rigs]]` names it. */
export interface Rig {
  readonly name: string
  /** Machine its rows belong to; null: the machine vc runs on. */
  readonly machine: string | null
  readonly host: string
  readonly port: number
  readonly socket: string | null
  readonly user: string
  readonly passwordEnv: string | null
  readonly passwordFile: string | null
  readonly database: string
  readonly branch: string | null
  /** A commit, tag or branch to read instead of what stands now. */
  readonly asOf: string | null
  /** The project that must answer there; null: whichever does. */
  readonly projectId: string | null
  readonly tls: SqlTarget['tls']
  readonly tlsCaFile: string | null
}

type Fields = Readonly<Record<string, unknown>>

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)

/** The rigs of this machine; checked by the configuration already, so what does not fit is left out. */
export const rigsOf = (options: Fields, machine: { readonly id: string; readonly local: boolean }): readonly Rig[] =>
  (Array.isArray(options.rigs) ? (options.rigs as readonly Fields[]) : [])
    .flatMap((entry) => rigOf(entry) ?? [])
    .filter((rig) => (rig.machine === null ? machine.local : rig.machine === machine.id))

function rigOf(entry: Fields): Rig | null {
  const name = text(entry.name)
  const database = text(entry.database)
  if (name === null || database === null) return null
  return {
    name,
    database,
    machine: text(entry.machine),
    host: text(entry.host) ?? '127.0.0.1',
    port: typeof entry.port === 'number' ? entry.port : 3307,
    socket: text(entry.socket),
    user: text(entry.user) ?? 'root',
    passwordEnv: text(entry.password_env),
    passwordFile: text(entry.password_file),
    branch: text(entry.branch),
    asOf: text(entry.as_of),
    projectId: text(entry.project_id),
    tls: entry.tls === 'on' || entry.tls === 'insecure' ? entry.tls : 'off',
    tlsCaFile: text(entry.tls_ca_file),
  }
}

const REF = /^[A-Za-z0-9_./-]{1,255}$/

/** A ref may only stand in SQL as text, so only these characters are let in. */
export const isRef = (ref: string): boolean => REF.test(ref) && SAFE_NAME.test(ref)

/** How Dolt names a branch of a database in a connection. */
export const targetOf = (rig: Rig, timeoutMs: number): SqlTarget => ({
  host: rig.host,
  port: rig.port,
  user: rig.user,
  database: rig.branch === null ? rig.database : `${rig.database}/${rig.branch}`,
  tls: rig.tls,
  timeoutMs,
  ...(rig.socket === null ? {} : { socket: rig.socket }),
  ...(rig.passwordEnv === null ? {} : { passwordEnv: rig.passwordEnv }),
  ...(rig.passwordFile === null ? {} : { passwordFile: rig.passwordFile }),
  ...(rig.tlsCaFile === null ? {} : { tlsCaFile: rig.tlsCaFile }),
})

/** Name of its rows; the same wherever it is read from. */
export const projectOf = (rig: Rig): string => {
  const where = rig.socket ?? `${rig.host}:${rig.port}`
  const at = rig.asOf === null ? '' : `@${rig.asOf}`
  return `dolt://${where}/${rig.database}${rig.branch === null ? '' : `/${rig.branch}`}${at}`
}
