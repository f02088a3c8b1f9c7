import { afterEach, describe, expect, test } from 'vitest'
import { coloursOf, runTui, type TuiOptions } from '../../src/tui/app.ts'
import { defineScreen, type Screen } from '../../src/tui/screen.ts'
import { beside, whole } from '../../src/tui/view/arrange.ts'
import { span } from '../../src/tui/view/line.ts'
import { fakePorts } from './fake-ports.ts'
import { openFakeTty } from './fake-tty.ts'

const names = (data: unknown, text: string): readonly string[] =>
  ((data as { names?: readonly string[] } | null)?.names ?? []).filter((name) => name.includes(text))

/** A list and what is chosen in it; `x` runs something, `p` asks first, Enter goes down. */
const fruit = defineScreen<readonly string[]>({
  id: 'fruit', key: '1', title: 'Fruit', about: 'what grows',
  asks: (view) => [{ as: 'fruit', topic: 'fruit', params: view.filter.machine === null ? {} : { machine: view.filter.machine } }],
  model: (view) => names(view.answers.fruit?.data, view.filter.text),
  panels(rows, size, view) {
    const [left, right] = beside(whole(size), { part: 1 }, { part: 1 })
    if (!left || !right) return []
    const { error } = view.answers.fruit ?? {}
    return [
      { kind: 'list', id: 'rows', title: 'Rows', at: left, rows: rows.map((id) => ({ id, line: [span(id)] })), ...(error ? { error } : {}) },
      { kind: 'text', id: 'more', title: 'More', at: right, lines: Array.from({ length: 60 }, (_, at) => [span(`line ${at}`)]) },
    ]
  },
  keys: [
    { keys: ['x'], says: 'run it', act: () => ({ wish: 'run', argv: ['ask'], title: 'asking' }) },
    { keys: ['b'], says: 'blocked thing', blockedBy: () => 'it rains', act: () => null },
    { keys: ['z'], says: 'watch it', act: () => ({ wish: 'live', agent: 'atlas/claude-1', how: 'zoom' }) },
  ],
  open: (_panel, row) => ({ wish: 'go', screen: 'stone', filter: { machine: row }, chosen: { stones: row } }),
}) // biome-ignore format: a sample

const stone = defineScreen<null>({
  id: 'stone', key: 'c', title: 'Stone', about: 'what lies below', asks: () => [], model: () => null,
  panels: (_, size, view) => [{ kind: 'text', id: 'one', title: 'One', at: whole(size), lines: [[span(`below ${view.filter.machine} ${view.chosen.stones}`)]] }],
  keys: [],
}) // biome-ignore format: a sample

const broken = defineScreen<null>({
  id: 'broken', key: '2', title: 'Broken', about: '', asks: () => [],
  model: () => {
    throw new Error('no such member')
  },
  panels: () => [],
  keys: [{ keys: ['y'], says: 'needs a model', blockedBy: (model: unknown) => (model as { why: string }).why, act: () => null }],
}) // biome-ignore format: a sample

const GROWN = { fruit: { names: ['apple', 'banana', 'cherry'] } }

describe('the cockpit', () => {
  const open: { end(): Promise<void> }[] = []
  afterEach(async () => {
    for (const one of open.splice(0)) await one.end()
  })

  const start = async (
    answers: Readonly<Record<string, unknown>> = GROWN,
    more: Partial<TuiOptions> = {},
    env: Record<string, string> = {},
  ) => {
    const fake = openFakeTty({ columns: 100, rows: 30 }, env)
    const world = fakePorts(answers)
    const screens: readonly Screen[] = [fruit, stone, broken]
    let over = false
    const ended = runTui(world.ports, { tty: fake.tty, screens, ...more }).finally(() => {
      over = true
    })
    ended.catch(() => undefined)
    open.push({
      async end() {
        // Out of whatever box is open, then out.
        for (let tries = 0; !over && tries < 20; tries += 1) {
          fake.press('\u001b')
          await new Promise((resolve) => setTimeout(resolve, 60))
          fake.press('q')
        }
        await ended.catch(() => undefined)
      },
    })
    await fake.drawn()
    return { fake, world, ended }
  }

  test('paints its frame at once, and the data when it comes', async () => {
    const { fake } = await start()
    expect(fake.text()).toContain('[1 Fruit]')
    await fake.until(/apple/)
  })

  test('moves with j and k, keeps the chosen row by its id when the answer changes, and goes down and back', async () => {
    const { fake, world } = await start()
    await fake.until(/banana/)
    fake.press('j')
    world.answer('fruit', { names: ['aaa', 'apple', 'banana', 'cherry'] })
    fake.press('r')
    await fake.until(/aaa/)
    fake.press('\r')
    await fake.until(/below banana banana/)
    expect(fake.text()).toContain('only  machine banana')
    fake.press('\u001b')
    await fake.until(/\[1 Fruit\]/)
    expect(fake.text()).not.toContain('only  machine')
  })

  test('searches as one types', async () => {
    const { fake } = await start()
    await fake.until(/cherry/)
    fake.press('/an')
    await fake.until(/banana/)
    await fake.until(/only {2}\/an/)
    expect(fake.text()).not.toContain('cherry')
  })

  test('sets the filter, keeps it for the next time and passes it to the questions', async () => {
    const { fake, world } = await start()
    fake.press('F')
    await fake.until(/─ Filter ─/)
    fake.press('atlas\r')
    await fake.until(/only {2}machine atlas/)
    await fake.until(/apple/)
    expect(world.saved.at(-1)?.filter?.machine).toBe('atlas')
    expect(world.asked.some(({ topic, params }) => topic === 'fruit' && params.machine === 'atlas')).toBe(true)
  })

  test('asks the question of a command in a box, and only y is a yes', async () => {
    const { fake, world } = await start()
    await fake.until(/apple/)
    fake.press('x')
    await fake.until(/Do it\?/)
    fake.press('\r')
    await fake.drawn()
    expect(fake.text()).toContain('Do it?')
    fake.press('y')
    await fake.until(/you said yes/)
    expect(world.ran).toEqual([['ask']])
  })

  test('says why a key does nothing now', async () => {
    const { fake } = await start()
    fake.press('b')
    await fake.until(/blocked thing: not now, it rains/)
    fake.press('Q')
    await fake.until(/Q does nothing here/)
  })

  test('runs what was typed in the palette, completed, and shows an error with its fix', async () => {
    const { fake, world } = await start()
    fake.press(':')
    await fake.until(/what the rules found/)
    fake.press('al\tack 7\r')
    await fake.until(/ran alert ack 7/)
    expect(world.ran).toEqual([['alert', 'ack', '7']])
    fake.press('\u001b')
    await fake.until(/\[1 Fruit\]/)
    fake.press(':fail\r')
    await fake.until(/fix: do another thing/)
  })

  test('replays a moment: every question carries it, and an answer of the past does not grow old', async () => {
    const { fake, world } = await start()
    fake.press('T')
    await fake.until(/Show the cockpit as it was/)
    fake.press('2026-11-20T09:00:00Z\r')
    await fake.until(/THE PAST 2026-11-20 09:00Z/)
    await fake.until(/apple/)
    expect(world.asked.some(({ topic, params }) => topic === 'fruit' && params.at === '2026-11-20T09:00:00.000Z')).toBe(
      true,
    )
    fake.press('\\')
    await fake.until(/12:00:00Z/)
  })

  test('shows old data with its state while the daemon is lost, and asks again when it is back', async () => {
    const { fake, world } = await start(GROWN, { refreshMs: 250 })
    await fake.until(/apple/)
    world.lose(true)
    await fake.until(/daemon lost/)
    await fake.until(/apple/)
    fake.press('E')
    await fake.until(/daemon_lost/)
    fake.press('\u001b')
    world.lose(false)
    await fake.until(/● the daemon is back/)
  })

  test('tells a transition once, and nothing when it opens', async () => {
    const event = (subject: string, change: string) => ({
      ts: '2026-11-20T11:59:59Z',
      type: 'agent_state',
      subject,
      severity: 'warning',
      change,
      text: `${subject} became ${change}`,
    })
    const { fake, world } = await start(
      { ...GROWN, events: { events: [event('old', 'needs_approval')], next: 'x', more: false } },
      { refreshMs: 250 },
    )
    await fake.until(/apple/)
    expect(fake.text()).not.toContain('old became')
    world.answer('events', {
      events: [event('old', 'needs_approval'), event('new', 'needs_approval'), event('calm', 'working')],
      next: 'x',
      more: false,
    })
    await fake.until(/new became needs_approval/)
    expect(fake.text()).not.toMatch(/old became|calm became/)
  })

  test('a screen that fails is a panel that says so, not the end', async () => {
    const { fake } = await start()
    fake.press('2')
    await fake.until(/no such member/)
    fake.press('1')
    await fake.until(/\[1 Fruit\]/)
  })

  test('shows the live screen of an agent over the body and closes it', async () => {
    const { fake } = await start()
    fake.press('z')
    await fake.until(/screen of atlas\/claude-1/)
    fake.press('\u001b')
    await fake.until(/line 0/)
  })

  test('follows the size of the terminal, down to one line', async () => {
    const { fake } = await start()
    await fake.until(/apple/)
    for (const [columns, rows] of [
      [60, 18],
      [160, 48],
      [41, 11],
    ] as const) {
      fake.resize({ columns, rows })
      await fake.until(/apple/)
      expect(Math.max(...fake.lines().map((line) => line.length))).toBeLessThanOrEqual(columns)
    }
    fake.resize({ columns: 20, rows: 5 })
    await fake.until(/too small/)
    // All of it: which size it wants, and how to leave.
    expect(fake.lines().join(' ')).toMatch(/make it\s+40×10 or larger \(q\s+quits\)/)
    fake.resize({ columns: 40, rows: 10 })
    await fake.until(/apple/)
    fake.resize({ columns: 100, rows: 30 })
    await fake.until(/banana/)
  })

  test('writes nothing when nothing changed', async () => {
    const { fake } = await start()
    await fake.until(/apple/)
    await new Promise((resolve) => setTimeout(resolve, 300))
    fake.taken()
    fake.press('k')
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(fake.taken()).toBe('')
  })

  test('letters that come together are painted once, and a key behind them acts on what they made', async () => {
    const { fake } = await start()
    await fake.until(/apple/)
    fake.press('/')
    await fake.until(/Search on this screen/)
    fake.taken()
    fake.press('0123456789'.repeat(300))
    await fake.until(/456789/)
    expect(fake.taken().length).toBeLessThan(20_000)
    fake.press('\u0015ban\rv')
    await fake.until(/frozen/)
    expect(fake.text()).toContain('banana')
    expect(fake.text()).not.toContain('apple')
  })

  test('NO_COLOR leaves no colour in what is written', async () => {
    const { fake } = await start(GROWN, {}, { NO_COLOR: '1' })
    await fake.until(/apple/)
    expect(fake.taken()).not.toMatch(/\u001b\[(?:\d+;)*(?:[34]\d|9\d|10\d|[34]8;5;\d+)(?:;\d+)*m/)
  })

  test('the clipboard gets the text of the panel in copy mode', async () => {
    const { fake } = await start()
    await fake.until(/apple/)
    fake.press('v')
    await fake.until(/frozen/)
    fake.press('y')
    await fake.until(/handed to the clipboard/)
    const [, sent = ''] = /\u001b\]52;c;([^\u0007]+)/.exec(fake.taken()) ?? []
    expect(Buffer.from(sent, 'base64').toString()).toBe('apple\nbanana\ncherry')
  })

  test('a crash gives the terminal back before it is told', async () => {
    const { fake, ended } = await start()
    await fake.until(/apple/)
    expect(fake.raw()).toBe(true)
    expect(fake.emulator.buffer.active.type).toBe('alternate')
    const crash = new Error('boom')
    process.listeners('uncaughtException').at(-1)?.(crash, 'uncaughtException')
    await expect(ended).rejects.toBe(crash)
    await fake.drawn()
    expect(fake.emulator.buffer.active.type).toBe('normal')
    expect(fake.raw()).toBe(false)
    const written = fake.taken()
    expect(written).toContain('\u001b[?1000l')
    expect(written.lastIndexOf('\u001b[?25h')).toBeGreaterThan(written.lastIndexOf('\u001b[?25l'))
  })
})

test('colours follow the terminal and the person', () => {
  expect(coloursOf({ TERM: 'xterm-256color' })).toBe(256)
  expect(coloursOf({ TERM: 'xterm' })).toBe(16)
  expect(coloursOf({ TERM: 'xterm', COLORTERM: 'truecolor' })).toBe(256)
  expect(coloursOf({ TERM: 'xterm-256color', NO_COLOR: '1' })).toBe(0)
})
