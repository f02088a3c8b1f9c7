import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { beadsDolt } from '../../../src/collectors/beads-dolt/index.ts'
import { talkMysql } from '../../../src/transport/sql-mysql.ts'
import { hasProgram } from '../../programs.ts'
import { type LocalWorld, openLocalWorld } from './local-world.ts'
import { passwordFile, present, type SqlServer, seed, startServer } from './sql-servers.ts'

// MariaDB stands in for the protocol and the schema; the same stories run on Dolt wherever it is installed.
const kinds = [
  ...(hasProgram('mariadbd') ? (['mariadb'] as const) : []),
  ...(present('dolt') ? (['dolt'] as const) : []),
]

describe.each(kinds)('beads in %s', (kind) => {
  let server: SqlServer & { readonly dir: string }
  let world: LocalWorld
  let secret: string

  beforeAll(async () => {
    server = await startServer(kind)
    secret = passwordFile(server.dir)
  }, 120_000)
  afterAll(() => server?.stop())
  beforeEach(async () => {
    world = await openLocalWorld()
    return async () => {
      await world.close()
      rmSync(world.dir, { recursive: true })
    }
  })

  const rig = (over: object = {}) => ({
    ...{ name: 'demo', port: server.port, user: 'reader', password_file: secret, database: 'demo' },
    ...over,
  })
  const tick = (...rigs: readonly object[]) => world.tick(beadsDolt, { options: { rigs } })

  test('issues, dependencies and events are committed, bodies never', async () => {
    const run = await tick(rig())
    expect([run.up, run.fault, run.detail]).toEqual([true, null, null])
    expect(
      await world.rows('SELECT issue_id, standing, comment_count FROM latest_beads_issues ORDER BY issue_id'),
    ).toEqual([
      // `review` is a custom status of category active
      { issue_id: 'demo-071', standing: 'ready', comment_count: 0 },
      { issue_id: 'demo-a1f', standing: 'ready', comment_count: 1 },
      { issue_id: 'demo-a1f.1', standing: 'ready', comment_count: 0 },
      { issue_id: 'demo-b2c', standing: 'blocked', comment_count: 0 },
      { issue_id: 'demo-c3d', standing: 'in_progress', comment_count: 0 },
      { issue_id: 'demo-d4e', standing: 'done', comment_count: 0 },
      { issue_id: 'demo-e5f', standing: 'deferred', comment_count: 0 },
      { issue_id: 'demo-f60', standing: 'held', comment_count: 0 },
    ])
    const [issue] = await world.rows("SELECT * FROM latest_beads_issues WHERE issue_id = 'demo-a1f'")
    expect(issue).toMatchObject({
      updated_at: '2026-05-02T09:15:07.000Z',
      body_chars: 'Text of the banner changed'.length,
      labels_json: '["collector","p0"]',
    })
    expect(JSON.stringify(await world.rows('FROM beads_issues'))).not.toContain('banner changed')
    expect(await world.rows('SELECT event_type, old_status, new_status FROM beads_issue_events ORDER BY ts')).toEqual([
      { event_type: 'closed', old_status: null, new_status: null },
      { event_type: 'created', old_status: null, new_status: null },
      { event_type: 'status_changed', old_status: 'open', new_status: 'in_progress' },
    ])
    expect(await world.rows('SELECT count(*)::INTEGER AS n FROM latest_beads_dependencies')).toEqual([{ n: 5 }])
  })

  test('the same contents twice are nothing new; a deleted issue is gone', async () => {
    await seed(kind, server.sql, 'twice')
    const twice = rig({ database: 'twice' })
    await tick(twice)
    expect((await tick(twice)).batches).toEqual([])
    await server.sql("DELETE FROM issues WHERE id = 'demo-d4e'", 'twice')
    await tick(twice)
    expect(await world.rows("SELECT issue_id FROM latest_beads_issues WHERE issue_id = 'demo-d4e'")).toEqual([])
    expect(await world.rows("SELECT gone FROM beads_issues WHERE issue_id = 'demo-d4e' ORDER BY collected_at")).toEqual(
      [{ gone: false }, { gone: true }],
    )
    expect(await world.rows('SELECT count(*)::INTEGER AS n FROM beads_issue_events')).toEqual([{ n: 3 }])
  })

  test('a wrong password is auth, and the password is in no row', async () => {
    process.env.VC_TEST_BEADS_PASSWORD = 'hunter2hunter2'
    const run = await tick(rig({ password_file: null, password_env: 'VC_TEST_BEADS_PASSWORD' }))
    delete process.env.VC_TEST_BEADS_PASSWORD
    expect(run.fault).toBe('auth')
    expect(JSON.stringify([run, await world.rows('FROM beads_projects')])).not.toContain('hunter2')
    expect(await world.rows('SELECT state FROM latest_beads_projects')).toEqual([{ state: 'auth' }])
  })

  test('a password that cannot be found is auth, and names where it was looked for', async () => {
    const run = await tick(rig({ password_file: '/nowhere/password' }))
    expect([run.fault, run.detail]).toEqual(['auth', 'demo: the password file /nowhere/password cannot be read'])
  })

  test('an unknown database and one without issues are bad output', async () => {
    await server.sql('CREATE DATABASE bare')
    expect((await tick(rig({ database: 'nowhere' }))).fault).toBe('bad_output')
    const bare = await tick(rig({ database: 'bare' }))
    expect([bare.fault, bare.detail]).toEqual([
      'bad_output',
      'demo: no beads database: table issues and dependencies is missing',
    ])
  })

  test('an older schema says what it lacks; one that lacks what is optional is read', async () => {
    await server.sql('CREATE DATABASE older')
    const columns = 'id VARCHAR(255) PRIMARY KEY, title VARCHAR(500), status VARCHAR(32), created_at DATETIME'
    const links = 'issue_id VARCHAR(255), depends_on_id VARCHAR(255), type VARCHAR(32)'
    await server.sql(`CREATE TABLE issues (${columns}); CREATE TABLE dependencies (${links})`, 'older')
    const run = await tick(rig({ database: 'older' }))
    expect([run.fault, run.detail]).toEqual([
      'incompatible_version',
      'demo: older schema, without issues.priority, issues.issue_type, issues.updated_at',
    ])
    for (const column of ['priority INT', 'issue_type VARCHAR(32)', 'updated_at DATETIME'])
      await server.sql(`ALTER TABLE issues ADD ${column}`, 'older')
    await server.sql("INSERT INTO issues VALUES ('o-1','Old','open','2026-01-01',1,'task','2026-01-01')", 'older')
    expect((await tick(rig({ database: 'older' }))).fault).toBe(null)
    expect(await world.rows('SELECT issue_id, body_chars, comment_count FROM latest_beads_issues')).toEqual([
      { issue_id: 'o-1', body_chars: null, comment_count: 0 },
    ])
  })

  test('no listener is unreachable; the rigs that answer keep their rows, and lose what is deleted', async () => {
    await seed(kind, server.sql, 'beside')
    const good = rig({ name: 'good', database: 'beside' })
    const bad = rig({ name: 'bad', port: await closedPort() })
    const run = await tick(bad, good)
    expect([run.fault, run.partial]).toEqual(['unreachable', true])
    expect(run.detail).toMatch(/^bad: 127\.0\.0\.1:\d+: .*ECONNREFUSED/)
    expect(await world.rows('SELECT name, state FROM latest_beads_projects ORDER BY name')).toEqual([
      { name: 'bad', state: 'unreachable' },
      { name: 'good', state: 'ok' },
    ])
    await server.sql("DELETE FROM issues WHERE id = 'demo-d4e'", 'beside')
    await tick(bad, good)
    expect(await world.rows("SELECT * FROM latest_beads_issues WHERE issue_id = 'demo-d4e'")).toEqual([])
  })

  test('a rig of another project is refused', async () => {
    const run = await tick(rig({ project_id: 'some-other' }))
    expect(run.fault).toBe('bad_output')
    expect(run.detail).toContain('another project answers there')
  })

  test('a rig that is no longer named is gone', async () => {
    await tick(rig())
    await tick()
    expect(await world.rows('SELECT * FROM latest_beads_issues')).toEqual([])
    expect(await tick()).toMatchObject({ fault: null, detail: null, batches: [] })
  })

  test('a statement that takes too long is a timeout', async () => {
    const target = { host: '127.0.0.1', port: server.port, user: 'root', database: 'demo', tls: 'off' } as const
    const talk = await talkMysql({ ...target, timeoutMs: 700 }, (session) => session.query('SELECT SLEEP(60)'))
    expect(talk).toMatchObject({ is: 'fault', fault: 'timeout' })
  })

  test('the session may not write', async () => {
    const target = {
      host: '127.0.0.1',
      port: server.port,
      user: 'root',
      database: 'demo',
      tls: 'off',
      timeoutMs: 9000,
    } as const
    const talk = await talkMysql(target, (session) => session.query("UPDATE issues SET title = 'x'"))
    expect(talk).toMatchObject({ is: 'done', value: { is: 'refused', number: 1792 } })
    // One statement at a time: nothing rides along.
    const riding = await talkMysql(target, (session) => session.query('SELECT 1; DELETE FROM issues'))
    expect(riding).toMatchObject({ is: 'done', value: { is: 'refused' } })
    expect(await server.sql('SELECT COUNT(*) AS n FROM issues', 'demo')).toMatchObject([{ n: 8 }])
  })

  test.runIf(kind === 'mariadb')('AS OF and branches are Dolt only: each says so', async () => {
    const run = await tick(rig({ as_of: 'HEAD' }))
    expect(run.fault).toBe('incompatible_version')
    expect((await tick(rig({ branch: 'side' }))).fault).toBe('bad_output')
  })

  test.runIf(kind === 'mariadb')('TLS: encrypts, checks the certificate, and refuses a stranger', async () => {
    expect((await tick(rig({ tls: 'insecure' }))).fault).toBe(null)
    expect((await tick(rig({ tls: 'on', tls_ca_file: join(server.dir, 'cert.pem') }))).fault).toBe(null)
    const stranger = await tick(rig({ tls: 'on' }))
    expect(stranger.fault).toBe('auth')
    expect(stranger.detail).toMatch(/certificate/i)
  })

  test.runIf(kind === 'dolt')('branches and commits: each rig reads its own, AS OF reads the past', async () => {
    await seed(kind, server.sql, 'town')
    await server.sql("CALL DOLT_BRANCH('rig-a')", 'town')
    await server.sql(
      "UPDATE issues SET status = 'closed' WHERE id = 'demo-a1f'; CALL DOLT_COMMIT('-am', 'close it')",
      'town/rig-a',
    )
    const rigs = [
      rig({ name: 'main', database: 'town', branch: 'main' }),
      rig({ name: 'a', database: 'town', branch: 'rig-a' }),
      rig({ name: 'then', database: 'town', as_of: 'HEAD' }),
    ]
    await server.sql("UPDATE issues SET status = 'closed' WHERE id = 'demo-a1f'", 'town/main')
    const run = await tick(...rigs)
    expect([run.fault, run.detail]).toEqual([null, null])
    const found = await world.rows(
      `SELECT p.name, p.branch, i.status FROM latest_beads_projects p JOIN latest_beads_issues i USING (project)
       WHERE i.issue_id = 'demo-a1f' ORDER BY p.name`,
    )
    expect(found).toEqual([
      { name: 'a', branch: 'rig-a', status: 'closed' },
      { name: 'main', branch: 'main', status: 'closed' },
      { name: 'then', branch: 'main', status: 'open' },
    ])
    const messages = await world.rows("SELECT message FROM beads_commits WHERE project LIKE '%rig-a' ORDER BY message")
    expect(messages.map(({ message }) => message)).toContain('close it')
    expect(run.sourceVersion).toMatch(/^\d+\.\d+/)
  })
})

test('a server that never says a word is unreachable after the time to connect', async () => {
  const silent = createServer(() => undefined)
  const dir = mkdtempSync(join(tmpdir(), 'vc-silent-'))
  await new Promise<void>((resolve) => silent.listen(join(dir, 's'), resolve))
  const target = {
    host: '',
    port: 1,
    socket: join(dir, 's'),
    user: 'u',
    database: 'd',
    tls: 'off',
    timeoutMs: 300,
  } as const
  const talk = await talkMysql(target, async () => 'talked')
  expect(talk).toMatchObject({ is: 'fault', fault: 'unreachable' })
  silent.close()
  rmSync(dir, { recursive: true })
})

/** A port nobody listens on: taken, then given back. */
const closedPort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 1))
    })
  })
