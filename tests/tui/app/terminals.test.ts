import { afterEach, describe, expect, test } from 'vitest'
import { runTui } from '../../../src/tui/app.ts'
import { defineScreen } from '../../../src/tui/screen.ts'
import { whole } from '../../../src/tui/view/arrange.ts'
import { span } from '../../../src/tui/view/line.ts'
import { fakePorts } from '../fake-ports.ts'
import { openFakeTty } from '../fake-tty.ts'

const HEALTH = {
  overall: { score: 1, active_alerts: 0, machine_count: 1, agent_count: 0 },
  machines: [{ status: 'online' }],
  alerts_by_severity: { critical: 0, warning: 0 },
}

const list = defineScreen<null>({
  id: 'list', key: '1', title: 'List', about: '', asks: () => [], model: () => null, keys: [],
  panels: (_, size) => [
    { kind: 'text', id: 'text', title: 'Text', at: whole(size), lines: [[span('apple')], [span('grey', 'muted')], [span('▁▂▃▄▅▆▇█ ▏▎▍▌▋▊▉█')]] },
  ],
}) // biome-ignore format: a sample

describe('the cockpit on terminals of every kind', () => {
  let leave: () => Promise<void> = async () => undefined
  afterEach(() => leave())

  const start = async (env: Record<string, string> = {}) => {
    const fake = openFakeTty({ columns: 100, rows: 30 }, env)
    const ended = runTui(fakePorts({ health: HEALTH }).ports, { tty: fake.tty, screens: [list] })
    leave = async () => {
      fake.press('q')
      await ended
    }
    await fake.until(/apple/)
    await fake.until(/1\/1 machines/)
    return { fake }
  }

  test.each(['xterm', 'linux'])('writes nothing in black where terminfo knows eight colours (%s)', async (TERM) => {
    const { fake } = await start({ TERM })
    const written = fake.taken()
    expect(written).not.toMatch(/\u001b\[(?:\d+;)*30m/)
    expect(written).toMatch(/\u001b\[(?:\d+;)*90m/)
  })

  test('without UTF-8 a sign stays a sign of its own', async () => {
    const { fake } = await start({ LANG: 'C' })
    // Up, not unknown; what is cut ends in a tilde.
    await fake.until(/\* 1\/1 machines/)
    expect(fake.text()).toContain('_.-=+*%# .:-|=+%#')
    expect(fake.text()).not.toMatch(/[^\u0020-\u007e\n\u2500-\u257f]/)
  })

  test('without UTF-8 the console of Linux gets ASCII, though its terminfo entry says UTF-8', async () => {
    const { fake } = await start({ LANG: 'C', TERM: 'linux' })
    await fake.until(/\* 1\/1 machines/)
    expect(fake.text()).toMatch(/\+-+\+/)
    expect(fake.taken()).not.toMatch(/[^\u0000-\u007e]/)
  })

  test('what is no moment stays to be mended, with how a moment is written', async () => {
    const { fake } = await start()
    fake.press('T')
    await fake.until(/Show the cockpit as it was/)
    fake.press('2026-11-20 9\r')
    await fake.until(/is not a time: write 15m, 2h ago/)
    // Still typed, not taken for keys of the screen.
    fake.press('\u007f'.repeat(12))
    fake.press('2026-11-20T09:00:00Z\r')
    await fake.until(/THE PAST 2026-11-20 09:00Z/)
  })
})
