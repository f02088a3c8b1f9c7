import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { agentConfig } from '../../src/collectors/agent-config/index.ts'
import { gh } from '../../src/collectors/gh/index.ts'
import { git } from '../../src/collectors/git/index.ts'
import { ru } from '../../src/collectors/ru/index.ts'
import type { Collector } from '../../src/core/collector.ts'
import type { Row } from '../../src/core/rows.ts'
import { knownRows, openStore, reposWithStatus, type Store } from '../../src/store/index.ts'
import { hasProgram } from '../programs.ts'
import { runOfResult } from '../scrape-run.ts'
import { contextWith, runInShell } from './shell-context.ts'

describe.runIf(hasProgram('git'))('repositories and settings of one machine, in a real store', () => {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'vcr-')))
  const home = join(dir, 'home')
  const alpha = join(home, 'projects/acme/alpha')
  const identity = {
    GIT_AUTHOR_NAME: 'a',
    GIT_AUTHOR_EMAIL: 'a@b',
    GIT_COMMITTER_NAME: 'a',
    GIT_COMMITTER_EMAIL: 'a@b',
  }
  const { CLAUDE_CONFIG_DIR: _c, CODEX_HOME: _k, XDG_CONFIG_HOME: _x, ...clean } = process.env
  const env = {
    ...clean,
    ...identity,
    HOME: home,
    GIT_CONFIG_NOSYSTEM: '1',
    PATH: `${join(dir, 'bin')}:${process.env.PATH}`,
  }
  let store: Store
  let clock = Date.now()

  const program = (name: string, text: string): void => {
    writeFileSync(join(dir, 'bin', name), `#!/bin/sh\n${text}\n`)
    chmodSync(join(dir, 'bin', name), 0o755)
  }
  const look = async (collector: Collector) => {
    clock += 1000
    const startedAt = new Date(clock)
    const known: Record<string, readonly Row[]> = {}
    for (const table of ['repos', 'latest_repo_status_snapshots', 'latest_github_repos'])
      known[table] = await knownRows(store.db, store.catalog, table, 'atlas')
    const result = await collector.collect(contextWith({ run: (ask) => runInShell(ask, env), startedAt, known }))
    const run = runOfResult(collector.name, result, { startedAt, bytes: 1 })
    expect(await store.append(run)).toMatchObject({ ok: true })
    return result
  }

  beforeAll(async () => {
    for (const path of [alpha, join(dir, 'bin'), join(home, '.claude')]) mkdirSync(path, { recursive: true })
    const run = (...args: string[]) => execFileSync('git', args, { cwd: alpha, env, stdio: 'ignore' })
    run('init', '-q', '-b', 'main')
    run('commit', '-q', '--allow-empty', '-m', 'one')
    run('remote', 'add', 'origin', 'git@github.com:acme/alpha.git')
    const recorded = (name: string) =>
      readFileSync(new URL(`../fixtures/ru/${name}.recorded.json`, import.meta.url), 'utf8').replaceAll(
        '/home/dev/',
        `${home}/`,
      )
    for (const name of ['list', 'status']) writeFileSync(join(dir, `${name}.json`), recorded(name))
    program('ru', `case $1 in list) cat ${dir}/list.json ;; status) cat ${dir}/status.json ;; *) exit 4 ;; esac`)
    const pull = '[{"number":7,"title":"x","state":"OPEN","isDraft":false,"labels":[],"checks":["SUCCESS"]}]'
    program('gh', `case "$1 $4" in 'pr github.com/acme/alpha') echo '${pull}' ;; *) echo '[]' ;; esac`)
    writeFileSync(join(home, '.claude/settings.json'), '{"model":"opus","env":{"TOKEN":"hunter2"}}')
    store = await openStore({ dataDir: join(dir, 'data') })
  })
  afterAll(async () => {
    await store.close()
    rmSync(dir, { recursive: true })
  })

  test('git is shown where it looked, ru is kept beside it, and both name one repository', async () => {
    await look(ru)
    const before = (await reposWithStatus(store.db)).find(({ path }) => path === alpha)
    expect(before).toMatchObject({ status: { source: 'ru', status: 'current', mismatch: true } })
    await look(git)
    await look(ru)
    const after = (await reposWithStatus(store.db)).find(({ path }) => path === alpha)
    expect(after).toMatchObject({
      ...{ url: 'git@github.com:acme/alpha.git', status: { source: 'git', state: 'ok', commits_30d: 1 } },
      ru: { source: 'ru', mismatch: true, repo_id: after?.repo_id },
    })
    const [stats] = await store.db.rows('SELECT * FROM latest_repo_commit_stats WHERE path = $path', { path: alpha })
    expect(stats).toMatchObject({ commits_30d: 1, authors_30d: 1, active_days_30d: 1, repo_id: after?.repo_id })
    expect(JSON.parse(String(stats?.commits_by_day))).toHaveLength(30)
  })

  test('the same words twice are one history', async () => {
    const count = async () => (await store.db.rows('SELECT count(*)::INTEGER AS n FROM repo_status_snapshots'))[0]?.n
    await look(ru)
    const first = await count()
    await look(ru)
    expect(await count()).toBe(first)
  })

  test('what GitHub holds open, until it is closed', async () => {
    await look(gh)
    const open = () => store.db.rows('SELECT repo, number, checks FROM latest_github_items')
    expect(await open()).toMatchObject([{ repo: 'acme/alpha', number: 7, checks: 'passing' }])
    program('gh', "echo '[]'")
    await look(gh)
    expect(await open()).toEqual([])
    const gone = await store.db.rows('SELECT number FROM github_items WHERE gone')
    expect(gone).toEqual([{ number: 7 }])
  })

  test('settings are rows without their secrets', async () => {
    await look(agentConfig)
    const rows = await store.db.rows('SELECT name, value, value_hash FROM latest_agent_config ORDER BY name')
    expect(rows).toEqual([
      { name: 'env.TOKEN', value: null, value_hash: null },
      { name: 'model', value: 'opus', value_hash: null },
    ])
  })
})
