import { expect, test } from 'vitest'
import { runTui } from '../../../src/tui/app.ts'
import { defineScreen } from '../../../src/tui/screen.ts'
import { STATE_SIGNS } from '../../../src/tui/view/state-sign.ts'
import { fakePorts } from '../fake-ports.ts'
import { openFakeTty } from '../fake-tty.ts'

const empty = defineScreen<null>({
  id: 'empty', key: '1', title: 'Empty', about: '', asks: () => [], model: () => null, panels: () => [], keys: [],
}) // biome-ignore format: a sample

test('the help says of every sign of agents all that it stands for', async () => {
  const fake = openFakeTty({ columns: 100, rows: 120 })
  const ended = runTui(fakePorts({}).ports, { tty: fake.tty, screens: [empty] })
  await fake.drawn()
  fake.press('?')
  await fake.until(/Signs of agents/)
  const rows = fake.text().split('Signs of agents')[1]?.split('\n') ?? []
  for (const { sign, words } of Object.values(STATE_SIGNS))
    expect(rows.find((row) => row.includes(`  ${sign} `))).toContain(words)
  fake.press('?')
  await fake.until(/\[1 Empty\]/)
  fake.press('q')
  await ended
})
