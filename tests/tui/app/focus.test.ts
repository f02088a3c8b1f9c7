import { afterEach, describe, expect, test } from 'vitest'
import { runTui } from '../../../src/tui/app.ts'
import type { LiveScreen } from '../../../src/tui/ports.ts'
import { defineScreen } from '../../../src/tui/screen.ts'
import { whole } from '../../../src/tui/view/arrange.ts'
import { span } from '../../../src/tui/view/line.ts'
import { fakePorts } from '../fake-ports.ts'
import { openFakeTty } from '../fake-tty.ts'

const AGENT = 'atlas/claude-1'

const agent = defineScreen<null>({
  id: 'agent', key: '1', title: 'Agent', about: '', asks: () => [], model: () => null,
  panels: (_, size) => [{ kind: 'text', id: 'one', title: 'One', at: whole(size), lines: [[span('nothing pressed')]] }],
  keys: [{ keys: ['f'], says: 'keys go to it', act: () => ({ wish: 'live', agent: AGENT, how: 'focus' }) }],
}) // biome-ignore format: a sample

const until = async (holds: () => boolean, what: string): Promise<void> => {
  const end = performance.now() + 20_000
  while (!holds()) {
    if (performance.now() > end) throw new Error(`never: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

describe('the focus on an agent', () => {
  let leave: (() => Promise<void>) | null = null
  afterEach(() => leave?.())

  const open = async (first: Partial<LiveScreen> = {}, refusal: string | null = null) => {
    const fake = openFakeTty({ columns: 90, rows: 24 })
    const world = fakePorts()
    let screen: LiveScreen = { lines: [[span('a composer')]], note: null, ...first }
    const ended = runTui(
      {
        ...world.ports,
        live: async () => screen,
        async press(...one) {
          await world.ports.press(...one)
          return refusal
        },
      },
      { tty: fake.tty, screens: [agent] },
    )
    let over = false
    void ended.finally(() => {
      over = true
    })
    leave = async () => {
      // Out of the focus, out of whatever box is open, then out.
      for (let tries = 0; !over && tries < 20; tries += 1) {
        fake.press('\u001d')
        fake.press('\u001b')
        await new Promise((resolve) => setTimeout(resolve, 60))
        fake.press('q')
      }
      await ended
    }
    await fake.drawn()
    fake.press('f')
    await fake.until(/Let the keys you press go to atlas\/claude-1/)
    return {
      fake,
      pressed: world.pressed,
      show: (next: Partial<LiveScreen>): void => {
        screen = { lines: [], note: null, ...next }
      },
    }
  }

  test('is asked for, sends every key in its order, and ends with Ctrl-]', async () => {
    const { fake, pressed } = await open()
    fake.press('y')
    await fake.until(/your keys go here/)
    await fake.until(/a composer/)
    // q and Esc are keys of the agent now, and so is what the cockpit would take for a jump.
    fake.press('q3?')
    await until(() => pressed.length === 1, 'the first keys')
    fake.press('\u001b')
    await until(() => pressed.length === 2, 'Escape')
    fake.press('\u001b[200~pasted text\u001b[201~')
    await until(() => pressed.length === 3, 'the pasted text')
    expect(pressed).toEqual([
      { agent: AGENT, keys: ['q', '3', '?'], text: '', dialog: null },
      { agent: AGENT, keys: ['Escape'], text: '', dialog: null },
      { agent: AGENT, keys: [], text: 'pasted text', dialog: null },
    ])
    fake.press('\u001d')
    await fake.until(/keys are the cockpit’s again/)
    fake.press('\u001b')
    await fake.until(/nothing pressed/)
    expect(pressed).toHaveLength(3)
  })

  test('without a yes nothing is sent', async () => {
    const { fake, pressed } = await open()
    fake.press('n')
    await fake.until(/^(?![\s\S]*Let the keys you press)/)
    fake.press('j')
    fake.press('\u001b')
    await fake.until(/nothing pressed/)
    expect(pressed).toEqual([])
  })

  test('says with each key which dialog stood there, and what was refused', async () => {
    const dialog = 'ab'.repeat(32)
    const { fake, pressed } = await open({ lines: [[span('Do you want to?')]], dialog }, 'another dialog')
    fake.press('y')
    await fake.until(/your keys go here/)
    await fake.until(/Do you want to\?/)
    fake.press('1')
    await fake.until(/the key was not sent: another dialog/)
    expect(pressed).toEqual([{ agent: AGENT, keys: ['1'], text: '', dialog }])
  })
})
