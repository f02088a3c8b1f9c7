import type { Fault } from './faults.ts'

/** A MySQL-protocol server that vc itself reaches over the network. Secrets are named here, never held. */
export interface SqlTarget {
  readonly host: string
  readonly port: number
  /** Unix socket of this machine; wins over host and port. */
  readonly socket?: string
  readonly user: string
  /** Environment variable of vc that holds the password. */
  readonly passwordEnv?: string
  /** File of vc's user that holds the password on its first line. */
  readonly passwordFile?: string
  readonly database: string
  /** `off`; `on` encrypts and checks the server's certificate; `insecure` encrypts without checking. */
  readonly tls: 'off' | 'on' | 'insecure'
  /** File with the authority that signed the server's certificate. */
  readonly tlsCaFile?: string
  readonly timeoutMs: number
}

export type SqlRow = Readonly<Record<string, unknown>>

export type SqlResult =
  | { readonly is: 'rows'; readonly rows: readonly SqlRow[] }
  /** The server refused this statement; `number` is MySQL's own (1146 no such table, 1054 no such column, …). */
  | { readonly is: 'refused'; readonly number: number; readonly detail: string }

/** One connection in a read-only session. Times come as UTC Dates, whole numbers beyond 2^53 as strings. */
export interface SqlSession {
  /** Rejects only when the connection is lost or the deadline passed: then the whole talk is a fault. */
  query(sql: string, params?: readonly (string | number | null)[]): Promise<SqlResult>
}

export type SqlTalk<Value> =
  | { readonly is: 'done'; readonly value: Value }
  | { readonly is: 'fault'; readonly fault: Fault; readonly detail: string }

/** Opens one read-only connection, talks, closes it. Never rejects for trouble of the server. */
export type SqlPort = <Value>(
  target: SqlTarget,
  talk: (session: SqlSession) => Promise<Value>,
) => Promise<SqlTalk<Value>>
