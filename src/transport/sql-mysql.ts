import { readFile } from 'node:fs/promises'
import type { Connection, RowDataPacket } from 'mysql2/promise'
import { messageOf } from '../core/errors.ts'
import type { Fault } from '../core/faults.ts'
import type { SqlResult, SqlRow, SqlSession, SqlTalk, SqlTarget } from '../core/sql-port.ts'
import { displayText } from '../core/text.ts'

const CONNECT_MS = 2_000
const MAX_PASSWORD_BYTES = 4_096

/** One read-only connection for one talk. Every way it can fail is a fault with a sentence; passwords are in none. */
export async function talkMysql<Value>(
  target: SqlTarget,
  talk: (session: SqlSession) => Promise<Value>,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<SqlTalk<Value>> {
  const secret = await passwordOf(target, env)
  if (secret.is === 'fault') return secret
  let connection: Connection | null = null
  try {
    connection = await connect(target, secret.password)
    await connection.query('SET SESSION TRANSACTION READ ONLY')
    // Dolt heeds it only in a transaction; besides, all answers of one talk then show the same moment.
    await connection.query('START TRANSACTION READ ONLY')
    return { is: 'done', value: await talk(sessionOn(connection, performance.now() + target.timeoutMs)) }
  } catch (error) {
    return faultOf(error, target)
  } finally {
    // Not `end`: that waits for a server which may be what is wrong.
    connection?.destroy()
  }
}

type Secret = { readonly is: 'known'; readonly password: string } | Extract<SqlTalk<never>, { is: 'fault' }>

async function passwordOf(target: SqlTarget, env: Readonly<Record<string, string | undefined>>): Promise<Secret> {
  const { passwordEnv, passwordFile } = target
  const missing = (what: string): Secret => ({ is: 'fault', fault: 'auth', detail: what })
  if (passwordEnv !== undefined) {
    const password = env[passwordEnv]
    return password === undefined ? missing(`the variable ${passwordEnv} is not set for vc`) : { is: 'known', password }
  }
  if (passwordFile === undefined) return { is: 'known', password: '' }
  try {
    const bytes = await readFile(passwordFile)
    if (bytes.length > MAX_PASSWORD_BYTES) return missing(`${passwordFile} is too long for a password`)
    return { is: 'known', password: bytes.toString('utf8').split(/\r?\n/, 1)[0] ?? '' }
  } catch {
    return missing(`the password file ${passwordFile} cannot be read`)
  }
}

// Loaded when first needed: most fleets have no such server, and loading it takes longer than looking at most tools.
async function connect(target: SqlTarget, password: string): Promise<Connection> {
  const { createConnection } = await import('mysql2/promise')
  const ca = target.tlsCaFile === undefined ? {} : { ca: await readFile(target.tlsCaFile) }
  return createConnection({
    ...(target.socket === undefined ? { host: target.host, port: target.port } : { socketPath: target.socket }),
    user: target.user,
    password,
    database: target.database,
    connectTimeout: Math.min(CONNECT_MS, target.timeoutMs),
    // The default 'local' would shift every time by vc's own zone.
    timezone: 'Z',
    supportBigNumbers: true,
    multipleStatements: false,
    ...(target.tls === 'off' ? {} : { ssl: { ...ca, rejectUnauthorized: target.tls === 'on' } }),
    // A server may not ask for files of this machine.
    flags: ['-LOCAL_FILES'],
  })
}

const NOT_A_SELECT: SqlResult = { is: 'refused', number: 1792, detail: 'vc only selects' }

const sessionOn = (connection: Connection, untilMs: number): SqlSession => ({
  async query(sql, params): Promise<SqlResult> {
    if (!/^\s*SELECT\s/i.test(sql)) return NOT_A_SELECT
    const leftMs = untilMs - performance.now()
    if (leftMs <= 0) throw deadline()
    const asked = connection.query<RowDataPacket[]>({ sql, timeout: Math.ceil(leftMs), values: [...(params ?? [])] })
    try {
      const [rows] = await asked
      return { is: 'rows', rows: Array.isArray(rows) ? (rows as readonly SqlRow[]) : [] }
    } catch (error) {
      const { errno, fatal } = error as MysqlError
      // Numbers of the operating system are negative; from 1000 on the server itself speaks.
      if (fatal === true || typeof errno !== 'number' || errno < 1000) throw error
      return { is: 'refused', number: errno, detail: displayText(messageOf(error), 300) }
    }
  },
})

const deadline = (): Error =>
  Object.assign(new Error('the server took too long'), { code: 'PROTOCOL_SEQUENCE_TIMEOUT' })

interface MysqlError {
  readonly errno?: number
  readonly code?: string
  readonly fatal?: boolean
}

const ACCESS_DENIED = new Set([1044, 1045, 1698, 1142, 1143, 1227])
const UNKNOWN_DATABASE = 1049
const TIMEOUTS = new Set(['PROTOCOL_SEQUENCE_TIMEOUT'])

/** What went wrong, by number and code: Dolt words its errors in its own way. */
function faultOf(error: unknown, target: SqlTarget): Extract<SqlTalk<never>, { is: 'fault' }> {
  const { errno, code } = error as MysqlError
  const where = target.socket ?? `${target.host}:${target.port}`
  const words = displayText(messageOf(error) || (code ?? 'no reason given'), 200)
  return { is: 'fault', fault: faultBy(errno, code), detail: `${where}: ${words}` }
}

function faultBy(errno: number | undefined, code: string | undefined): Fault {
  if (errno !== undefined && ACCESS_DENIED.has(errno)) return 'auth'
  if (errno === UNKNOWN_DATABASE) return 'bad_output'
  if (code !== undefined && TIMEOUTS.has(code)) return 'timeout'
  if (code === 'HANDSHAKE_SSL_ERROR' || code === 'HANDSHAKE_NO_SSL_SUPPORT' || code?.startsWith('ERR_TLS'))
    return 'auth'
  if (code?.includes('CERT') || code === 'UNABLE_TO_VERIFY_LEAF_SIGNATURE') return 'auth'
  return 'unreachable'
}
