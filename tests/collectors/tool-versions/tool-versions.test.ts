import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dueTools } from '../../../src/collectors/tool-versions/due.ts'
import { toolVersions } from '../../../src/collectors/tool-versions/index.ts'
import { parseVersions } from '../../../src/collectors/tool-versions/parse.ts'
import type { CollectResult } from '../../../src/core/collector.ts'
import type { Row } from '../../../src/core/rows.ts'
import { answered, contextWith, runInShell } from '../shell-context.ts'

const AT = new Date('2026-11-20T12:00:00Z')
const NONCE = '0123456789abcdef'
const rowsIn = (result: CollectResult): readonly Row[] => result.batches[0]?.rows ?? []

describe('real programs', () => {
  const dir = mkdtempSync(join(tmpdir(), 'vcv-'))
  const tool = (name: string, body: string): Row => {
    const path = join(dir, name)
    writeFileSync(path, `#!/bin/sh\n${body}\n`)
    chmodSync(path, 0o755)
    return { tool_name: name, available: true, path, version_checked_at: null }
  }
  const collect = (capabilities: readonly Row[]) =>
    toolVersions.collect(
      contextWith({ run: (ask) => runInShell(ask), startedAt: AT, known: { machine_tool_capabilities: capabilities } }),
    )

  beforeAll(() => {
    mkdirSync(join(dir, 'lib/node_modules/@google/gemini-cli/bundle'), { recursive: true })
    writeFileSync(
      join(dir, 'lib/node_modules/@google/gemini-cli/package.json'),
      '{\n  "name": "@google/gemini-cli",\n  "version": "0.61.0",\n  "x": {"version": "9.9.9"}\n}\n',
    )
    writeFileSync(
      join(dir, 'lib/node_modules/@google/gemini-cli/bundle/gemini.js'),
      `#!/bin/sh\ntouch ${join(dir, 'ran')}\n`,
      { mode: 0o755 },
    )
    symlinkSync(join(dir, 'lib/node_modules/@google/gemini-cli/bundle/gemini.js'), join(dir, 'gemini'))
    writeFileSync(join(dir, 'package.json'), '{\n  "name": "home",\n  "version": "3.3.3"\n}\n')
  })
  afterAll(() => rmSync(dir, { recursive: true }))

  test('answer on either stream, by flag, word or package; the rest says why not', async () => {
    const capabilities = [
      tool('rch', '[ "$1" = --version ] && echo "rch 1.2.3-beta, build 7"'),
      tool('dcg', 'printf "\\033[1m== banner 7 ==\\033[0m\\ndcg v0.9.41\\n" >&2'),
      tool('go', '[ "$1" = version ] && { echo "go version go1.22.1 linux/amd64"; exit 0; }; echo usage; exit 2'),
      tool('claude', `[ "$1" = --version ] || touch ${join(dir, 'prompted')}; echo nothing; exit 3`),
      { tool_name: 'gemini', available: true, path: join(dir, 'gemini'), version_checked_at: null },
      tool('opencode', `touch ${join(dir, 'ran')}`),
      tool('sysmoni', `touch ${join(dir, 'ran')}`),
    ]
    const result = await collect(capabilities)
    expect(result.fault ?? null).toBeNull()
    expect(rowsIn(result).map((row) => [row.tool_name, row.version, row.version_error])).toEqual([
      ['rch', '1.2.3-beta', null],
      ['dcg', '0.9.41', null],
      ['go', '1.22.1', null],
      ['claude', null, 'exit 3'],
      ['gemini', '0.61.0', null],
      ['opencode', null, 'no version in its output'],
    ])
    expect([existsSync(join(dir, 'ran')), existsSync(join(dir, 'prompted'))]).toEqual([false, false])
    expect(rowsIn(result)[0]).toEqual({
      tool_name: 'rch',
      version: '1.2.3-beta',
      version_error: null,
      version_checked_at: AT,
    })
  })

  test('a tool that reads its input or floods neither hangs nor fills the answer', async () => {
    const result = await collect([tool('cass', 'cat; yes 1.5.0'), tool('jq', 'echo jq-1.6')])
    expect(rowsIn(result).map((row) => row.version)).toEqual(['1.5.0', '1.6'])
  })

  test('a hostile path is an argument, never a command', async () => {
    const path = join(dir, 'x"; touch $(pwd)/owned; "')
    expect(
      rowsIn(await collect([{ tool_name: 'jq', available: true, path, version_checked_at: null }]))[0],
    ).toMatchObject({ version: null })
    expect(existsSync('/owned')).toBe(false)
  })
})

describe('when a tool is asked', () => {
  const row = (over: Row): Row => ({
    tool_name: 'git',
    available: true,
    path: '/usr/bin/git',
    version_checked_at: null,
    ...over,
  })

  test('after a change, after a day, never when absent', () => {
    const hours = (count: number) => new Date(AT.getTime() - count * 3_600_000)
    const names = dueTools(
      [
        row({}),
        row({ tool_name: 'jq', version_checked_at: hours(25) }),
        row({ tool_name: 'gh', version_checked_at: hours(23) }),
        row({ tool_name: 'bun', available: false }),
        row({ tool_name: 'sysmoni' }),
      ],
      AT,
    ).map((tool) => tool.name)
    expect(names).toEqual(['git', 'jq'])
    expect(
      dueTools(
        Array.from({ length: 30 }, (_, at) => row({ tool_name: `t${at}` })),
        AT,
      ),
    ).toHaveLength(8)
  })

  test('nothing due, nothing asked', async () => {
    const unasked = contextWith({
      run: () => {
        throw new Error('asked')
      },
    })
    expect(await toolVersions.collect(unasked)).toEqual({ batches: [] })
  })

  test('when the whole ask runs out of time, the tool it hung on is named and the finished ones are kept', async () => {
    const text = `vc-versions 1 ${NONCE}\n\u001e${NONCE} R 1\u001f${NONCE}git 2.39.5\u001f${NONCE}0\u001e${NONCE} R 2\u001f${NONCE}`
    const known = { machine_tool_capabilities: [row({}), row({ tool_name: 'jq' }), row({ tool_name: 'gh' })] }
    const result = await toolVersions.collect(
      contextWith({ run: () => answered(text, { fault: 'timeout', detail: '90 s' }), known }),
    )
    expect(result).toMatchObject({ fault: 'timeout', partial: true })
    expect(rowsIn(result).map((found) => [found.tool_name, found.version, found.version_error])).toEqual([
      ['git', '2.39.5', null],
      ['jq', null, 'no answer'],
    ])
  })

  test('arbitrary bytes never throw', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.array(fc.string()), (bytes, fields) => {
        expect(parseVersions(bytes)).toEqual({ is: 'no_begin' })
        parseVersions(
          Buffer.from(
            `vc-versions 1 ${NONCE}\n\u001e${NONCE} R 1${fields.map((field) => `\u001f${NONCE}${field}`).join('')}`,
          ),
        )
      }),
    )
  })
})
