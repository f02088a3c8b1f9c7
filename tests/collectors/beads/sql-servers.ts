import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Connection, createConnection } from 'mysql2/promise'

const FIXTURES = join(import.meta.dirname, '../../fixtures/beads')

/** A server of the MySQL protocol on loopback, with the demo beads in database `demo`. */
export interface SqlServer {
  readonly kind: 'mariadb' | 'dolt'
  readonly port: number
  /** As root, for seeding and for changing things behind the collector's back. */
  sql(text: string, database?: string): Promise<readonly Record<string, unknown>[]>
  stop(): Promise<void>
}

// Where Debian keeps servers; the PATH of a plain user lacks it.
process.env.PATH = `${process.env.PATH}:/usr/sbin`

const ROOT: readonly string[] = process.getuid?.() === 0 ? ['--user=root'] : []

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })

/** A certificate for the loopback server, signed by itself. */
export function makeCertificate(dir: string): { readonly key: string; readonly cert: string } {
  const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')]
  const about = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '3650', '-subj', '/CN=127.0.0.1']
  execFileSync('openssl', ['req', ...about, '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert], {
    stdio: 'ignore',
  })
  return { key, cert }
}

const mariadb = (dir: string, port: number): readonly string[] => {
  const data = join(dir, 'data')
  const where = ['--no-defaults', `--datadir=${data}`, ...ROOT]
  execFileSync('mariadb-install-db', [...where, '--auth-root-authentication-method=normal', '--skip-test-db'], {
    stdio: 'ignore',
  })
  const { key, cert } = makeCertificate(dir)
  const tls = [`--ssl-key=${key}`, `--ssl-cert=${cert}`]
  const files = [`--socket=${join(dir, 's')}`, `--pid-file=${join(dir, 'pid')}`, '--innodb-flush-log-at-trx-commit=0']
  return ['mariadbd', ...where, '--bind-address=127.0.0.1', `--port=${port}`, ...files, ...tls]
}

const dolt = (dir: string, port: number): readonly string[] => {
  mkdirSync(join(dir, 'data'))
  const env = { ...process.env, DOLT_ROOT_PATH: dir }
  for (const pair of ['user.name vc', 'user.email vc@example.invalid', 'metrics.disabled true'])
    execFileSync('dolt', ['config', '--global', '--add', ...pair.split(' ')], { env, stdio: 'ignore' })
  return ['dolt', 'sql-server', '--host', '127.0.0.1', '--port', String(port), '--data-dir', join(dir, 'data')]
}

export async function startServer(kind: SqlServer['kind']): Promise<SqlServer & { readonly dir: string }> {
  const dir = mkdtempSync(join(tmpdir(), `vc-${kind}-`))
  const port = await freePort()
  const [program = '', ...args] = kind === 'mariadb' ? mariadb(dir, port) : dolt(dir, port)
  const child = spawn(program, args, { stdio: 'ignore', env: { ...process.env, DOLT_ROOT_PATH: dir }, cwd: dir })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const open = (database?: string): Promise<Connection> =>
    createConnection({
      ...{ host: '127.0.0.1', port, user: 'root', multipleStatements: true },
      ...(database === undefined ? {} : { database }),
    })
  const sql: SqlServer['sql'] = async (text, database) => {
    const connection = await open(database)
    try {
      const [rows] = await connection.query(text)
      return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : []
    } finally {
      connection.destroy()
    }
  }
  await untilUp(
    () => sql('SELECT 1'),
    () => child.exitCode !== null,
  )
  await seed(kind, sql)
  return {
    ...{ kind, port, dir, sql },
    async stop() {
      child.kill('SIGTERM')
      await ended
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

async function untilUp(knock: () => Promise<unknown>, isDead: () => boolean): Promise<void> {
  for (const until = Date.now() + 60_000; ; ) {
    try {
      await knock()
      return
    } catch (error) {
      if (isDead() || Date.now() > until) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

const fixture = (name: string): string => readFileSync(join(FIXTURES, name), 'utf8')

/** The schema of bd at level 32 and its sample rows, and a user that may only read. */
export async function seed(kind: SqlServer['kind'], sql: SqlServer['sql'], database = 'demo'): Promise<void> {
  await sql(`CREATE DATABASE ${database}`)
  await sql(fixture('schema-v32.mariadb.sql'), database)
  const levels = Array.from({ length: 32 }, (_, at) => `(${at + 1})`).join(', ')
  const rows = fixture('rows-v32.sql').replace('SELECT seq FROM seq_1_to_32', `VALUES ${levels}`)
  await sql(rows, database)
  await sql("CREATE USER IF NOT EXISTS 'reader'@'%' IDENTIFIED BY 'geheim'")
  await sql("GRANT SELECT, EXECUTE ON *.* TO 'reader'@'%'")
  if (kind === 'dolt') await sql("CALL DOLT_COMMIT('-Am', 'bd: first')", database)
}

/** Which servers can be started here. */
export const present = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0

export const passwordFile = (dir: string): string => {
  const path = join(dir, 'password')
  writeFileSync(path, 'geheim\n', { mode: 0o600 })
  return path
}
