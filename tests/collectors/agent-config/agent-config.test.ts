import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { agentConfig } from '../../../src/collectors/agent-config/index.ts'
import type { CollectResult } from '../../../src/core/collector.ts'
import type { Row } from '../../../src/core/rows.ts'
import { decodeUtf8 } from '../../../src/core/text.ts'
import { hasProgram } from '../../programs.ts'
import { answered, contextWith, runInShell } from '../shell-context.ts'

const fixture = (name: string): string => new URL(`../../fixtures/agent-config/${name}`, import.meta.url).pathname
const rowsIn = (result: CollectResult, table: string): readonly Row[] =>
  result.batches.find((batch) => batch.table === table)?.rows ?? []

const AWKS = ['awk', 'mawk', 'gawk', 'busybox'].filter(hasProgram)

describe.each(AWKS)('settings read with %s', (program) => {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'vca-')))
  const home = join(dir, 'home')
  const project = join(dir, 'project')
  let warnings: string[] = []
  let travelled = ''
  const put = (path: string, text: string): void => {
    mkdirSync(join(path, '..'), { recursive: true })
    writeFileSync(path, text)
  }
  const collect = () => {
    const { CLAUDE_CONFIG_DIR: _c, CODEX_HOME: _k, XDG_CONFIG_HOME: _x, ...clean } = process.env
    const env = { ...clean, HOME: home, PATH: `${join(dir, 'bin')}:${process.env.PATH}` }
    return agentConfig.collect(
      contextWith({
        run: async (ask) => {
          const answer = await runInShell(ask, env)
          // The name of the folder is made up each time, and may hold any word.
          travelled = decodeUtf8(answer.stdout).replaceAll(dir, '')
          return answer
        },
        known: { latest_agent_processes: [{ cwd: project }] },
        warnings,
      }),
    )
  }
  const entry = (result: CollectResult, name: string): Row | undefined =>
    rowsIn(result, 'agent_config').find((row) => row.name === name)

  beforeEach(() => {
    warnings = []
    rmSync(dir, { recursive: true, force: true })
    for (const path of [join(home, '.claude'), join(home, '.codex'), project]) mkdirSync(path, { recursive: true })
    const words = program === 'busybox' ? 'busybox awk' : program
    if (program !== 'awk') {
      put(join(dir, 'bin/awk'), `#!/bin/sh\nPATH=\${PATH#*:}\nexec ${words} "$@"\n`)

      chmodSync(join(dir, 'bin/awk'), 0o755)
    }
    copyFileSync(fixture('claude.settings.jsonc'), join(home, '.claude/settings.json'))
    copyFileSync(fixture('claude.dot-claude.json'), join(home, '.claude.json'))
    copyFileSync(fixture('codex.config.toml'), join(home, '.codex/config.toml'))
  })
  afterAll(() => rmSync(dir, { recursive: true, force: true }))

  test('harmless values, names of the rest, and no secret even on the way', async () => {
    const result = await collect()
    expect(result.fault ?? null).toBeNull()
    expect(rowsIn(result, 'agent_config_files').map((row) => [row.cli, row.level, row.state])).toEqual([
      ['claude', 'global', 'ok'],
      ['claude', 'global', 'ok'],
      ['codex', 'global', 'ok'],
    ])
    expect(entry(result, 'model')).toMatchObject({ value: 'opus[1m]', cli: 'claude', kind: 'setting' })
    expect(entry(result, 'cleanupPeriodDays')).toMatchObject({ value: '3650' })
    expect(entry(result, 'allow Bash')).toMatchObject({ kind: 'permission', items: 1, value: null })
    expect(entry(result, 'permissions.defaultMode')).toMatchObject({ kind: 'permission', value: 'acceptEdits' })
    expect(entry(result, 'PreToolUse#1')).toMatchObject({ kind: 'hook', command: 'guard', value: 'Bash|Edit' })
    expect(entry(result, 'env.ANTHROPIC_API_KEY')).toMatchObject({ value: null, value_hash: null, value_length: null })
    expect(entry(result, 'gh')).toMatchObject({
      transport: 'http',
      url_host: 'api.github.com:443',
      header_names: '["Authorization"]',
    })
    expect(entry(result, 'pg')).toMatchObject({
      ...{ kind: 'mcp_server', level: 'local', project_path: '/srv/code/x', transport: 'stdio' },
      ...{ command: 'npx', items: 3, env_names: '["PGPASSWORD"]' },
    })
    expect(entry(result, 'my.server')).toMatchObject({ transport: 'stdio', env_names: '["API_KEY","X-Y"]' })
    expect(entry(result, 'remote')).toMatchObject({
      transport: 'http',
      url_host: 'mcp.example.com',
      header_names: '["X-Api"]',
    })
    expect(entry(result, 'profiles.fast.model')).toMatchObject({ value: 'o4-mini' })
    expect(entry(result, 'trust_level')).toMatchObject({
      kind: 'permission',
      project_path: '/srv/code/limits',
      value: 'trusted',
    })
    for (const secret of [
      'hunter2',
      'verysecret',
      'zzz',
      'pw',
      'secret prompt',
      'me@x.y',
      '--token',
      'npm run',
      'multi',
      'k=1',
    ])
      expect(travelled).not.toContain(secret)
    expect(travelled).not.toContain('history')
  })

  test('a broken file is a row and a warning, the others are read', async () => {
    put(join(project, '.mcp.json'), '{"mcpServers": {"a": {"command": "npx", "env": {"K" "hunter2"}}}}')
    put(join(home, '.codex/config.toml'), 'model = "o4"\nkey = "hunter2\n[mcp_servers')
    put(join(project, '.claude/settings.json'), '[1, 2]')
    put(join(project, '.gemini/settings.json'), '')
    put(
      join(project, 'opencode.jsonc'),
      '// mine\n{ "mcp": { "x": { "type": "local", "command": ["/opt/bun", "x", "hunter2"], "enabled": false, }, }, "permission": { "edit": "ask", "bash": { "rm *": "deny", "ls": "allow", "git *": "allow" } } }',
    )
    symlinkSync(join(home, '.claude.json'), join(project, 'opencode.json'))
    const result = await collect()
    const states = new Map(
      rowsIn(result, 'agent_config_files').map((row) => [String(row.source_file).slice(dir.length), row.state]),
    )
    expect(states.get('/project/.mcp.json')).toBe('broken')
    expect(states.get('/home/.codex/config.toml')).toBe('broken')
    expect(states.get('/project/.claude/settings.json')).toBe('broken')
    expect(states.get('/project/.gemini/settings.json')).toBe('ok')
    expect(states.get('/project/opencode.json')).toBe('linked')
    expect(states.get('/home/.claude/settings.json')).toBe('ok')
    expect(warnings).toEqual(['agent_config_broken', 'agent_config_broken', 'agent_config_broken'])
    expect(entry(result, 'x')).toMatchObject({
      transport: 'stdio',
      command: 'bun',
      items: 2,
      enabled: false,
      level: 'project',
      project_path: project,
    })
    expect(entry(result, 'edit')).toMatchObject({ kind: 'permission', value: 'ask' })
    expect(entry(result, 'allow bash')).toMatchObject({ items: 2, value: 'allow' })
    expect(travelled).not.toContain('hunter2')
  })

  test('a command is its program and a checksum that changes with the rest of it', async () => {
    const hashOf = async (text: string) => {
      put(join(home, '.claude/settings.json'), text)
      return entry(await collect(), 'statusLine.command')
    }
    const first = await hashOf('{"statusLine":{"command":"/bin/line --a"}}')
    const second = await hashOf('{"statusLine":{"command":"/bin/line --b"}}')
    expect([first?.value, second?.value]).toEqual(['line', 'line'])
    expect(first?.value_hash).not.toBe(second?.value_hash)
    expect(first?.value_length).toBe(second?.value_length)
  })

  test('whatever stands in env never travels, in whatever text', async () => {
    const secret = fc.stringMatching(/^[a-z]{12}$/).map((word) => `s3cr3t${word}`)
    const value = secret.chain((word) =>
      fc.constantFrom(
        word,
        `"${word}`,
        `\\"${word}"`,
        `${word}\n`,
        `{"a":"${word}`,
        `]${word},`,
        `//${word}`,
        `'${word}'`,
      ),
    )
    const wreck = fc.tuple(fc.nat(), fc.constantFrom('', '', '', '"', '{', '}', ',', ':', '\\', '/*', '\n'))
    await fc.assert(
      fc.asyncProperty(value, wreck, async (text, [at, extra]) => {
        const whole = JSON.stringify({ env: { A: text, B: { C: [text] } }, model: 'm', headers: { H: text } })
        const place = at % whole.length
        put(join(home, '.claude/settings.json'), whole.slice(0, place) + extra + whole.slice(place))
        await collect()
        expect(travelled).not.toContain('s3cr3t')
      }),
      { numRuns: 25 },
    )
  })
})

test('no awk, noise and a cut answer are faults', async () => {
  const N = '0123456789abcdef'
  const of = async (text: string) => (await agentConfig.collect(contextWith({ run: () => answered(text) }))).fault
  expect(await of(`vc-settings 1 ${N}\n\u001e${N} noawk`)).toBe('tool_missing')
  expect(await of('Welcome')).toBe('bad_output')
  expect(await of(`vc-settings 1 ${N}\n\u001e${N} F`)).toBe('truncated')
})
