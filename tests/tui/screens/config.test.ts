import { expect, test } from 'vitest'
import type { Screen } from '../../../src/tui/screen.ts'
import { config as screen } from '../../../src/tui/screens/config.ts'
import { enter, press, rowIds, typed } from './keys.ts'
import { holdsScreen, recordedView } from './recorded.ts'
import { answered, expectScreen, LARGE, renderScreen, SMALL } from './snapshot.ts'

const config = screen as unknown as Screen

holdsScreen(config)

const view = recordedView('config')
const own = recordedView('config', null, { options: { 'config.tab': 'vc' } })

test('the tab of vc.toml looks so', async () => {
  for (const [name, size] of [
    ['80x24', SMALL],
    ['160x48', LARGE],
  ] as const)
    await expectScreen(`config-vc-populated-${name}`, await renderScreen(config, { size, view: own }))
})

test('scopes stand side by side; what changed since yesterday comes first and is marked', () => {
  const changed = recordedView('config', (data, as) => {
    if (as !== 'settings') return answered(data)
    const all = data as { settings: { name: string; machine: string; change: string | null }[] }
    const settings = all.settings.map((one) =>
      one.name === 'model' && one.machine === 'borg' ? { ...one, change: 'changed' } : one,
    )
    return answered({ ...all, settings, since: '2026-11-20T06:00:00.000Z' })
  })
  const [first, second] = rowIds(config, changed, 'settings')
  expect([first, second].every((id) => id?.startsWith('borg') && id.includes('model'))).toBe(true)
  const panel = config.panels(config.model(changed), { columns: 160, rows: 45 }, changed)[0]
  expect(panel?.kind === 'list' && panel.rows[0]?.line.map(({ text }) => text).join('')).toMatch(
    /^▲ claude setting +model .*~ sonnet/,
  )
})

test('one setting of a user and of a project is one row of that project', () => {
  const entry = { machine: 'm', cli: 'claude', kind: 'setting', name: 'model', value: 'a', value_hash: null, value_length: 1, items: null, enabled: null, transport: null, command: null, host: null, env_names: [], header_names: [], file: '/f', collected_at: '2026-11-21T06:00:00.000Z', change: null } // biome-ignore format: a row
  const settings = [
    { ...entry, scope: 'global', project: null },
    { ...entry, scope: 'project', project: '/p/one', value: 'b' },
    { ...entry, scope: 'local', project: '/p/one', value: 'c' },
  ]
  const one = recordedView('config', (data, as) =>
    answered(as === 'settings' ? { settings, files: [], gone: [], since: null } : data),
  )
  const panel = config.panels(config.model(one), { columns: 160, rows: 45 }, one)[0]
  const rows = panel?.kind === 'list' ? panel.rows.map(({ line }) => line.map(({ text }) => text).join('')) : []
  expect(rows).toEqual([expect.stringMatching(/claude setting model +· +a +b +c +one +m/)])
})

test('keys of vc.toml are edited, unset, linted and taken up by commands; blocks are not', () => {
  const ids = rowIds(config, own, 'keys')
  const at = (key: string) => recordedView('config', null, { options: { 'config.tab': 'vc' }, chosen: { keys: key } })
  const key = 'polling.max_connections'
  expect(ids).toContain(key)
  expect(typed(press(config, at(key), 'e'), ' 80 ')).toMatchObject({
    argv: ['config', 'set', '--reload', '--', key, '80'],
  })
  expect(typed(press(config, at(key), 'e'), '')).toMatchObject({ wish: 'detail' })
  expect(press(config, at(key), 'u')).toMatchObject({ argv: ['config', 'unset', '--reload', key] })
  expect(press(config, own, 'L')).toMatchObject({ argv: ['config', 'lint'] })
  expect(press(config, own, 'R')).toMatchObject({ argv: ['config', 'reload'] })
  expect(() => press(config, at('machines.ssh'), 'e')).toThrow(/list of blocks/)
  expect(() => press(config, view, 'e')).toThrow(/no settings of agents/)
  expect(enter(config, own, 'keys', key)).toMatchObject({ argv: ['config', 'explain', key] })
})

test('rows are made once of each answer, whatever key comes, and anew of the next', () => {
  const rowsOf = (of: typeof view) => (config.model(of) as { rows: readonly object[] }).rows
  const searched = { ...view, filter: { ...view.filter, text: 'model' } }
  expect(rowsOf(searched).length).toBeGreaterThan(0)
  expect(rowsOf(view)).toEqual(expect.arrayContaining([...rowsOf(searched)]))
  expect(rowsOf(searched).every((row) => rowsOf(view).includes(row))).toBe(true)
  expect(rowsOf(recordedView('config'))[0]).toEqual(rowsOf(view)[0])
})
