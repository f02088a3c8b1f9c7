import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasProgram } from '../../programs.ts'
import { type Drive, openDrive, type Pane } from '../drive.ts'

describe.runIf(hasProgram('tmux'))('the cockpit in a real terminal', { timeout: 180_000 }, () => {
  let drive: Drive
  let pane: Pane
  beforeAll(async () => {
    drive = await openDrive()
    pane = await drive.cockpit()
    await pane.shows(/machines {2}health 0\.\d\d/)
  }, 180_000)
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
    const agents = await pane.shows(/\[3 Agents\]/)
    expect(agents).toMatch(/only {2}machine borg/)
    await pane.hides(/[!@*x~?] (atlas|cygnus)\/\w+-\w+ /)
    await pane.press('X')
    await pane.hides(/only {2}machine/)
    await pane.shows(/atlas\//)
    await pane.press('1')
  })

  test('a search narrows the list as it is typed, and Esc takes it back', async () => {
    await pane.press('3')
    await pane.shows(/cygnus\/gemini/)
    await pane.press('/')
    await pane.type('gemini')
    await pane.shows(/\/gemini/)
    await pane.hides(/atlas\/codex/)
    await pane.press('Enter')
    await pane.press('Escape')
    await pane.shows(/atlas\/codex/)
    await pane.press('1')
  })

  test('the palette completes commands of vc, runs one, and shows what it says', async () => {
    await pane.press(':')
    await pane.shows(/─ Command ─/)
    await pane.type('machines l')
    await pane.shows(/ list +/)
    await pane.press('Tab')
    await pane.shows(/: machines list/)
    await pane.press('Enter')
    const shown = await pane.shows(/─ vc machines list ─.*done/s)
    expect(shown).toMatch(/atlas/)
    await pane.press('Escape')
    await pane.hides(/─ vc machines list ─/)
  })

  test('a command that never ends is refused in a sentence', async () => {
    await pane.press(':')
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
    await pane.type(`alert ack '${alert.id}'`)
    await pane.press('Enter')
    await pane.shows(/─ vc alert ack .*done/s)
    await pane.press('Escape')
    const after = JSON.parse(await drive.vc('robot', 'alerts', '--json')).data.alerts
    expect(after.find((one: { id: string }) => one.id === alert.id)?.acked_at).not.toBeNull()
  })

  test('the whole cockpit shows a moment of the past, and says so, until one comes back', async () => {
    await pane.press('T')
    await pane.type('20s ago')
    await pane.press('Enter')
    await pane.shows(/THE PAST \d{4}-\d\d-\d\d/)
    await pane.press('\\')
    await pane.hides(/THE PAST/)
    await pane.shows(/\d\d:\d\d:\d\dZ/)
  })

  test('it fits every size at once: wide, least, too small, and back', async () => {
    for (const [columns, rows] of [
      [200, 50],
      [60, 18],
      [80, 24],
    ] as const) {
      await pane.resize({ columns, rows })
      await pane.shows(new RegExp(`^.{0,${columns}}\\n`))
      await pane.shows(/Machines and their agents/)
    }
    await pane.resize({ columns: 30, rows: 6 })
    await pane.shows(/too small/)
    await pane.resize({ columns: 120, rows: 36 })
    await pane.shows(/Worst things first/)
  })

  test('a theme is kept for the next time', async () => {
    await pane.press(':')
    await pane.type('theme daylight')
    await pane.press('Enter')
    await pane.shows(/theme: Daylight/)
    const again = await drive.cockpit()
    await again.shows(/Daylight \(light\) /)
    await again.press('q')
    await again.ended()
  })
})
