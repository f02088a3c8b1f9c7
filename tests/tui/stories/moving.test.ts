import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { hasProgram } from '../../programs.ts'
import { type Drive, openDrive, type Pane } from '../drive.ts'

describe.runIf(hasProgram('tmux'))('the cockpit in a real terminal', { timeout: 300_000 }, () => {
  let drive: Drive
  let pane: Pane
  beforeAll(async () => {
    drive = await openDrive()
  }, 180_000)
  beforeEach(async () => {
    pane = await drive.cockpit()
    await pane.shows(/machines {2}health \d/)
  }, 180_000)
  afterEach(() => pane.close())
  afterAll(() => drive.close(), 60_000)

  test('a digit jumps to a screen, g and a letter to one with a letter, Esc goes back', async () => {
    await pane.press('3')
    await pane.shows(/\[3 Agents\]/)
    await pane.press('g', 'd')
    await pane.shows(/\[gd Doctor\]/)
    await pane.press('Escape')
    await pane.shows(/\[3 Agents\]/)
    await pane.press('1')
    await pane.shows(/\[1 Overview\]/)
  })

  test('Tab goes from panel to panel, and back to the first', async () => {
    const first = await pane.focused()
    await pane.focus(/^Worst things first/)
    await pane.focus(/^Predictions/)
    await pane.focus(/^Worst things first/, 'BTab')
    await pane.focus(new RegExp(`^${first}`))
  })

  test('the help tells the keys of the screen and of the cockpit, and why one does nothing now', async () => {
    await pane.press('?')
    const shown = await pane.shows(/─ Keys ─/)
    expect(shown).toMatch(/j ↓ +one row down/)
    await pane.press('G')
    await pane.press('Escape')
    await pane.hides(/─ Keys ─/)
  })

  test('the filter narrows every screen, stays when the screen changes, and X drops it', async () => {
    await pane.press('F')
    await pane.shows(/─ Filter ─/)
    await pane.type('borg')
    await pane.press('Enter')
    await pane.shows(/only {2}machine borg/)
    await pane.press('3')
    await pane.shows(/\[3 Agents\]/)
    const agents = await pane.has(/[!@*x~?] borg\/\w+-\w+ /)
    expect(agents).toMatch(/only {2}machine borg/)
    expect(agents).not.toMatch(/[!@*x~?] (atlas|cygnus)\/\w+-\w+ /)
    await pane.press('X')
    await pane.shows(/[!@*x~?] atlas\/\w+-\w+ /)
    await pane.hides(/only {2}machine/)
  })

  test('a search narrows the list as it is typed, and Esc takes it back', async () => {
    await pane.press('3')
    await pane.shows(/atlas\/codex/)
    await pane.press('/')
    await pane.shows(/─ Search on this screen ─/)
    await pane.type('gemini')
    await pane.hides(/atlas\/codex/)
    await pane.has(/cygnus\/gemini/)
    await pane.press('Enter')
    await pane.hides(/─ Search on this screen ─/)
    await pane.press('Escape')
    await pane.shows(/atlas\/codex/)
  })

  test('the palette completes commands of vc, runs one, and shows what it says', async () => {
    await pane.press(':')
    await pane.shows(/─ Command ─/)
    await pane.type('machines l')
    await pane.shows(/ list +/)
    await pane.press('Tab')
    await pane.shows(/: machines list/)
    await pane.press('Enter')
    const shown = await pane.shows(/─ vc machines list ─+ done ┐/)
    expect(shown).toMatch(/atlas/)
    await pane.press('Escape')
    await pane.hides(/─ vc machines list ─/)
  })

  test('a command that never ends is refused in a sentence', async () => {
    await pane.press(':')
    await pane.shows(/─ Command ─/)
    await pane.type('watch')
    await pane.press('Enter')
    await pane.shows(/it does not end by itself/)
  })

  test('an alert is acknowledged from inside, and the store knows', async () => {
    const { alerts } = JSON.parse(await drive.vc('robot', 'alerts', '--json')).data
    const [alert] = alerts.filter(
      (one: { status: string; acked_at: string | null }) => one.status === 'firing' && one.acked_at === null,
    )
    expect(alert).toBeDefined()
    await pane.press(':')
    await pane.shows(/─ Command ─/)
    await pane.type(`alert ack '${alert.id}'`)
    await pane.press('Enter')
    await pane.shows(/─ vc alert ack .* done ┐/)
    const after = JSON.parse(await drive.vc('robot', 'alerts', '--json')).data.alerts
    expect(after.find((one: { id: string }) => one.id === alert.id)?.acked_at).not.toBeNull()
  })

  test('the whole cockpit shows a moment of the past, and says so, until one comes back', async () => {
    await pane.press('T')
    await pane.shows(/Show the cockpit as it was at/)
    await pane.type('20s ago')
    await pane.press('Enter')
    await pane.shows(/THE PAST \d{4}-\d\d-\d\d/)
    await pane.press('\\')
    await pane.hides(/THE PAST/)
    await pane.has(/\d\d:\d\d:\d\dZ/)
  })

  test('it fits every size at once: wide, least, too small, and back', async () => {
    for (const [columns, rows] of [
      [200, 50],
      [60, 18],
      [80, 24],
    ] as const) {
      await pane.resize({ columns, rows })
      // The clock at the end of the first line, the last frame at the end of the last but one.
      await pane.shows(
        new RegExp(`^.{${columns - 10}}\\d\\d:\\d\\d:\\d\\dZ\\n(.*\\n){${rows - 3}}.{${columns - 1}}┘\\n`),
      )
      await pane.has(/Machines and their agents/)
    }
    await pane.resize({ columns: 30, rows: 6 })
    await pane.shows(/too small/)
    await pane.resize({ columns: 120, rows: 36 })
    await pane.shows(/Worst things first/)
  })

  test('a theme is kept for the next time', async () => {
    await pane.press(':')
    await pane.shows(/─ Command ─/)
    await pane.type('theme daylight')
    await pane.press('Enter')
    await pane.shows(/theme: Daylight/)
    const again = await drive.cockpit({ kept: true })
    await again.shows(/Daylight \(light\) /)
    await again.focus(/^Worst things first/)
    await again.press('q')
    await again.ended()
    await again.close()
  })
})
