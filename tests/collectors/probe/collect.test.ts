import { spawn } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TOOL_NAMES } from '../../../src/collectors/probe/ask.ts'
import { decodeFacts, probe } from '../../../src/collectors/probe/index.ts'
import { type ScriptAsk, wholeScript } from '../../../src/core/ask.ts'
import type { CollectResult } from '../../../src/core/collector.ts'
import type { Row } from '../../../src/core/rows.ts'
import { hasProgram } from '../../programs.ts'
import { answered, contextWith, runInShell } from '../shell-context.ts'

const fixture = (name: string): string =>
  readFileSync(new URL(`../../fixtures/probe/${name}.txt`, import.meta.url)).toString()
const rowsIn = (result: CollectResult, table: string): readonly Row[] =>
  result.batches.find((batch) => batch.table === table)?.rows ?? []
const cursorsOf = (result: CollectResult): ReadonlyMap<string, unknown> =>
  new Map((result.cursors ?? []).map(({ key, value }) => [key, JSON.parse(JSON.stringify(value))]))

describe.runIf(process.platform === 'linux')('the real script on this machine', () => {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'vc-probe-')))
  const children: ReturnType<typeof spawn>[] = []
  const begin = (argv0: string, args: readonly string[]) => {
    const child = spawn(join(dir, 'claude'), args, { argv0, cwd: dir, stdio: 'ignore' })
    children.push(child)
    return child
  }

  beforeAll(() => {
    copyFileSync('/bin/sleep', join(dir, 'claude'))
    begin('/opt/x/bin/claude', ['600'])
    begin('codex', ['601'])
  })
  afterAll(() => {
    for (const child of children) child.kill()
    rmSync(dir, { recursive: true })
  })

  test('gives this machine, its tools and the agents started here, twice with rates', async () => {
    const first = await probe.collect(contextWith({ run: (ask) => runInShell(ask), startedAt: new Date() }))
    expect(first).toMatchObject({ fault: null, partial: false })
    expect(Number(rowsIn(first, 'sys_samples')[0]?.mem_total_bytes)).toBeGreaterThan(1e8)
    expect(Math.abs(Number(rowsIn(first, 'sys_samples')[0]?.clock_skew_ms))).toBeLessThan(60_000)
    expect(rowsIn(first, 'machine_tool_capabilities').map((row) => row.tool_name)).toEqual(TOOL_NAMES)
    expect(rowsIn(first, 'machine_tool_capabilities').find((row) => row.tool_name === 'sysmoni')).toMatchObject({
      available: false,
      path: null,
    })
    const mine = rowsIn(first, 'agent_processes').filter((row) => row.cwd === dir)
    expect(mine.map((row) => [row.pid, row.cli]).sort()).toEqual(
      [
        [children[0]?.pid, 'claude'],
        [children[1]?.pid, 'codex'],
      ].sort(),
    )
    const second = await probe.collect(
      contextWith({ run: (ask) => runInShell(ask), startedAt: new Date(), cursors: cursorsOf(first) }),
    )
    expect(rowsIn(second, 'sys_samples')[0]?.boot_id).toBe(rowsIn(first, 'sys_samples')[0]?.boot_id)
    expect(rowsIn(second, 'machine_tool_capabilities')).toEqual([])
    expect(decodeFacts(cursorsOf(second).get('facts'))).toMatchObject({ os: 'Linux' })
  })

  // dash is sh on Debian; bash and busybox are what other machines answer with
  test.each([['bash'], ['busybox', 'sh']].filter(([name = '']) => hasProgram(name)))(
    'says the same under %s',
    async (...argv) => {
      const run = (ask: ScriptAsk) => runInShell({ script: `exec ${argv.join(' ')} -c "$1"`, args: [wholeScript(ask)] })
      const result = await probe.collect(contextWith({ run }))
      expect(result).toMatchObject({ fault: null, partial: false })
      expect(rowsIn(result, 'agent_processes').filter((row) => row.cwd === dir)).toHaveLength(2)
    },
  )

  test('a transfer cut anywhere before the last line runs nothing', async () => {
    let script = ''
    await probe.collect(
      contextWith({
        run: (ask) => {
          script = wholeScript(ask)
          return answered('')
        },
      }),
    )
    for (const at of [3_000, 9_000, script.lastIndexOf('\nvcprobe') - 1]) {
      expect((await runInShell({ script: script.slice(0, at) })).stdout).toHaveLength(0)
    }
  })
})

describe('endings', () => {
  const run = (stdout: string, over = {}) => probe.collect(contextWith({ run: () => answered(stdout, over) }))

  test('an answer that is no probe is bad output with its own words, not a row', async () => {
    const result = await run('', { stderr: new Uint8Array(Buffer.from('sh: not\u001b found\n')) })
    expect(result).toMatchObject({
      batches: [],
      fault: 'bad_output',
      detail: 'no begin marker from the probe: sh: not found',
    })
  })

  test('a transport failure passes through', async () => {
    expect(await run('', { fault: 'unreachable', detail: 'refused' })).toMatchObject({
      batches: [],
      fault: 'unreachable',
      detail: 'refused',
    })
  })

  test('a probe of another format is an incompatible version', async () => {
    expect(await run('@@9f2c41d07be85a36 begin 7 Linux\n')).toMatchObject({ fault: 'incompatible_version' })
  })

  test('a probe that ran out of time keeps its complete sections and stays red', async () => {
    const cut = fixture('linux-debian-t1').split(/(?=@@9f2c41d07be85a36 proc)/)[0] ?? ''
    const result = await run(cut, { fault: 'timeout', detail: '5 s' })
    expect(result).toMatchObject({ fault: 'timeout', partial: true })
    expect(result.batches.map((batch) => batch.table)).toContain('sys_samples')
    expect(result.batches.map((batch) => batch.table)).not.toContain('agent_processes')
  })

  test('rows that are no rows are left out and counted', async () => {
    const warnings: string[] = []
    const text = fixture('linux-debian-t1')
      .replace('12665\t12660\tS', '12665\tNaN\tS')
      .replace('tmpfs\t4096', 'tmpfs\t1e99')
    const result = await probe.collect(contextWith({ run: () => answered(text), warnings }))
    expect(warnings).toEqual(['probe_rows_unreadable'])
    expect(rowsIn(result, 'sys_filesystems')).toHaveLength(1)
    expect(rowsIn(result, 'sys_top_processes').some((row) => row.pid === 12665)).toBe(false)
    const clean: string[] = []
    for (const name of ['linux-debian-t1', 'linux-hostile', 'linux-busybox', 'macos-handwritten'])
      await probe.collect(contextWith({ run: () => answered(fixture(name)), warnings: clean }))
    expect(clean).toEqual([])
  })

  test('a version survives as long as the fingerprint of its tool', async () => {
    const at = new Date('2026-11-20T12:00:00Z')
    const known = (mtime: bigint): Row => ({
      tool_name: 'git',
      available: true,
      path: '/usr/bin/git',
      mtime_epoch_s: mtime,
      size_bytes: 3713416n,
      version: '2.39.5',
      version_error: null,
      version_checked_at: at,
      checked_at: new Date(at.getTime() - 7_200_000),
    })
    const git = async (row: Row) => {
      const run = () => answered(fixture('linux-debian-t1'))
      const result = await probe.collect(
        contextWith({ run, startedAt: at, known: { machine_tool_capabilities: [row] } }),
      )
      return rowsIn(result, 'machine_tool_capabilities').find((found) => found.tool_name === 'git')
    }
    const kept = await git(known(1759839728n))
    expect(kept).toMatchObject({ checked_at: at })
    expect(kept).not.toHaveProperty('version') // a column left out stays as it is
    expect(await git(known(1n))).toMatchObject({ version: null, version_checked_at: null })
    expect(await git({ ...known(1759839728n), checked_at: at })).toBeUndefined()
  })
})
