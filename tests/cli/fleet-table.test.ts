import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fleetScreen } from '../../src/cli/fleet-screen.ts'
import { ageText, countText, dollarText, type FleetLine, fleetCells, legend } from '../../src/cli/fleet-table.ts'
import { paintFor } from '../../src/cli/io.ts'
import { shortened } from '../../src/cli/text-width.ts'
import type { Reply } from '../../src/core/carrier.ts'

const plain = paintFor(false)

const line = (over: Partial<FleetLine> = {}): FleetLine => ({
  id: 'atlas',
  status: 'online',
  status_reason: null,
  age_s: 4,
  stale: false,
  cpu_pct: 45.2,
  mem_pct: 68,
  disk_used_pct: 91,
  load5: 3.2,
  cores: 8,
  agents: { working: 2, needs_approval: 1 },
  top_issue: 'disk /data 91 %',
  ...over,
})

const reply = (topic: string, data: unknown, warnings: readonly string[] = []): Reply => ({
  topic,
  version: 1,
  generatedAt: '2026-11-20T08:00:00.000Z',
  data,
  warnings,
})

const NO_BEADS = { projects: 0, issues: 0, ready: 0, blocked: 0, in_progress: 0 }

const screen = (
  machines: readonly FleetLine[],
  width?: number,
  warnings: readonly string[] = [],
  beads = NO_BEADS,
): string =>
  fleetScreen(
    {
      machines: reply('machines', { machines }, warnings),
      usage: reply('usage', {
        groups: [{ key: 'atlas', total_tokens: 1_234_567, cost_microusd: 4_200_000, unpriced_tokens: 10 }],
      }),
      triage: reply('triage', { recommendations: [], suggested_commands: [] }),
      accounts: reply('accounts', { line: null }),
      beads: reply('beads', { totals: beads }),
    },
    plain,
    { width },
  )

const columnsOf = (text: string): number => [...text].reduce((sum, letter) => sum + (letter > '\u2fff' ? 2 : 1), 0)

test('a wide terminal, or none at all, shows everything', () => {
  expect(screen([line()]).split('\n').slice(0, 3)).toEqual([
    'MACHINE  STATUS  AGE  CPU  MEM  DISK  LOAD5  AGENTS  TOKENS  COST     WRONG FIRST',
    'atlas    online  4s   45%  68%  91%   3.2    1! 2@   1.2M    $4.20+?  disk /data 91 %',
    'agents: ! needs approval  @ working   tokens and cost: today (UTC), API-equivalent',
  ])
})

test('issues are one line of counts, and no line where there are none', () => {
  const beads = { projects: 1, issues: 9, ready: 4, blocked: 3, in_progress: 2 }
  expect(screen([line()], undefined, [], beads)).toContain('beads: 4 ready, 3 blocked, 2 in progress in 1 project\n')
  expect(screen([line()])).not.toContain('beads')
})

test('what spending means is said where it is shown', () => {
  expect(screen([line()], 60)).not.toContain('today (UTC)')
})

test('at 60 columns the table still fits, and what is wrong is still said', () => {
  const [head = '', row = ''] = screen([line()], 60).split('\n')
  expect(Math.max(head.length, row.length)).toBeLessThanOrEqual(60)
  expect(head).toContain('WRONG FIRST')
  expect(row).toContain('disk /data 91 %')
  expect(head).not.toContain('LOAD5')
})

test('a machine that does not answer says why on its own line, and no note says it again', () => {
  const dead = line({ status: 'offline', top_issue: 'not seen for 3 min', status_reason: 'auth: no key accepted' })
  const text = screen([dead], undefined, [
    'offline: atlas is offline (vc machines probe atlas)',
    'stale: nothing was heard from atlas for up to 3 min (vc doctor)',
    'stale: claude on atlas: timeout (x)',
    'other: stays (x)',
  ])
  expect(text).toContain('not seen for 3 min: auth: no key accepted')
  expect(text).not.toContain('note: offline')
  expect(text).not.toContain('nothing was heard')
  expect(text).toContain('note: stale: claude on atlas')
  expect(text).toContain('note: other: stays')
})

test('a long reason that is cut says that it goes on', () => {
  const reason = `host_key_changed: host key SHA256:${'x'.repeat(43)} of 192.0.2.7 is not the one on file`
  const { rows } = fleetCells(
    [line({ status: 'unknown', top_issue: 'never reached', status_reason: reason })],
    new Map(),
  )
  expect(rows[0]?.at(-1)?.text).toMatch(/^never reached: host_key_changed: .{66}…$/)
})

test('what is not known is a question mark, never a zero; old values say that they are old', () => {
  const { rows } = fleetCells(
    [line({ cpu_pct: null, mem_pct: null, disk_used_pct: null, load5: null, age_s: 400, stale: true, agents: {} })],
    new Map(),
  )
  expect(rows[0]?.map((cell) => cell.text)).toEqual([
    'atlas', 'online', '6m old', '?', '?', '?', '?', '-', '-', '-', 'disk /data 91 %',
  ]) // biome-ignore format: one row
})

test('the words of a machine cannot move the cursor', () => {
  expect(screen([line({ top_issue: 'x\u001b[2J\r\ny' })])).not.toMatch(/[\u001b\r]/)
})

test('where no table fits each machine has a few lines, and nothing is left out', () => {
  const machines = [
    line({ agents: { needs_approval: 1, failed: 1, working: 12, idle: 3 } }),
    line({ id: 'borg', status: 'unknown', status_reason: 'connect_timeout: no answer within 10 s', age_s: null, cpu_pct: null,
      mem_pct: null, disk_used_pct: null, load5: null, agents: {}, top_issue: 'never reached' }),
  ] // biome-ignore format: two machines
  expect(screen(machines, 40).split('\n').slice(0, 8)).toEqual([
    'atlas  online  4s  cpu 45%  mem 68%',
    '  disk 91%  load 3.2  1! 1fail 12@ 3*',
    '  1.2M  $4.20+?',
    '  disk /data 91 %',
    'borg  unknown  never',
    '  never reached: connect_timeout: no',
    '  answer within 10 s',
    'agents: ! needs approval  fail failed  @ working  * idle   tokens and cost: today (UTC), API-equivalent',
  ])
})

test('letters of two columns count as two, and none is cut in half', () => {
  const mounts = line({ id: 'a', agents: {}, top_issue: `/数据/${'漢字'.repeat(60)}😀 91 % full` })
  for (const width of [60, 61, 80, 81]) {
    const [, row = ''] = screen([mounts], width).split('\n')
    expect(row).toMatch(/ \/数据\/[漢字]+…$/)
    expect(columnsOf(row)).toBeGreaterThanOrEqual(width - 1)
    expect(columnsOf(row)).toBeLessThanOrEqual(width)
  }
  expect(['x😀y', '😀😀😀', '漢字漢', 'abcd'].map((text) => shortened(text, 4))).toEqual(['x😀y', '😀…', '漢…', 'abcd'])
})

test('names are never shortened, and the fleet fits wherever a name and each fact do', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          id: fc.string({ unit: fc.constantFrom('a', 'b', '-'), minLength: 1, maxLength: 64 }),
          top_issue: fc.string({ unit: fc.constantFrom('a', 'b', ' ', '漢', '%'), maxLength: 30 }),
        }),
        { minLength: 1, maxLength: 5 },
      ),
      fc.integer({ min: 40, max: 200 }),
      (machines, width) => {
        const lines = machines.map((machine) => line(machine))
        const shown = screen(lines, width).split('\n')
        const table = shown.slice(
          0,
          shown.findIndex((row) => row.startsWith('agents: ')),
        )
        for (const { id } of lines) expect(table.some((row) => row.startsWith(id))).toBe(true)
        const least = Math.max(62, ...lines.map(({ id }) => id.length))
        if (width >= least) expect(Math.max(...table.map(columnsOf))).toBeLessThanOrEqual(width)
      },
    ),
  )
})

describe('numbers as a tired person reads them', () => {
  test.each([
    [0, '0s'],
    [119, '119s'],
    [120, '2m'],
    [7200, '2h'],
    [172_800, '2d'],
    [null, 'never'],
  ])('age %s → %s', (s, text) => {
    expect(ageText(s)).toBe(text)
  })
  test.each([
    [999, '999'],
    [1000, '1.0k'],
    [999_949, '999.9k'],
    [999_950, '1.0M'],
    [1e9, '1.0G'],
  ])('%s → %s', (n, text) => {
    expect(countText(n)).toBe(text)
  })
  test('money', () => expect(dollarText(1_234_567)).toBe('$1.23'))
})

test('the legend explains only the signs that are shown', () => {
  expect(legend([line({ agents: { idle: 3 } })])).toBe('* idle')
  expect(legend([line({ agents: {} })])).toBe('')
})
