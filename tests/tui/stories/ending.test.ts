import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasProgram } from '../../programs.ts'
import { type Drive, openDrive, type Pane } from '../drive.ts'

describe.runIf(hasProgram('tmux'))('how the cockpit ends, and what outlives it', { timeout: 300_000 }, () => {
  let drive: Drive
  beforeAll(async () => {
    drive = await openDrive()
  }, 180_000)
  afterAll(() => drive.close(), 60_000)

  const open = async (): Promise<Pane> => {
    // Gone when the test that lost it failed.
    await drive.regainDaemon()
    const pane = await drive.cockpit({ size: { columns: 100, rows: 30 } })
    await pane.shows(/machines {2}health \d/)
    expect(await pane.terminal()).toMatchObject({ alternate: true, cursor: false, mouse: true, ended: false })
    return pane
  }

  test('q gives the terminal back as it was', async () => {
    const pane = await open()
    await pane.press('q')
    await pane.ended()
    const { status, ...left } = await pane.terminal()
    expect(left).toMatchObject({ alternate: false, mouse: false })
    // tmux 3.3a sometimes forgets how a program ended.
    expect([0, null]).toContain(status)
  })

  test.each(['SIGHUP', 'SIGTERM', 'SIGINT'] as const)('%s gives it back too', async (signal) => {
    const pane = await open()
    process.kill(await pane.pid(), signal)
    await pane.ended()
    expect(await pane.terminal()).toMatchObject({ alternate: false, mouse: false })
  })

  const openWithCommand = async (): Promise<Pane> => {
    const pane = await open()
    await pane.press(':')
    await pane.type('watch --count 2 --interval 300')
    await pane.press('Enter')
    await pane.shows(/vc watch --count 2/)
    return pane
  }

  test('who leaves while a command runs is told what the prompt waits for', async () => {
    const pane = await openWithCommand()
    await pane.press('Escape')
    await pane.press('q')
    await pane.shows(/still running: vc watch --count 2 --interval 300; Ctrl-C ends it/)
    await pane.press('C-c')
    await pane.ended()
  })

  test('a signal ends it while a command runs', async () => {
    const pane = await openWithCommand()
    process.kill(await pane.pid(), 'SIGTERM')
    await pane.ended()
    expect(await pane.terminal()).toMatchObject({ alternate: false, mouse: false })
  })

  test('a lost daemon leaves the old picture with its age, and the cockpit goes on by itself when it is back', async () => {
    const pane = await open()
    await drive.loseDaemon()
    await pane.shows(/daemon lost \d+ s, knocking/)
    // What was known stays on the screen.
    await pane.has(/borg/)
    await pane.press('3')
    await pane.shows(/\[3 Agents\]/)
    // It says so for some seconds only, and answers before it is done with starting.
    await Promise.all([pane.shows(/● the daemon is back/), drive.regainDaemon()])
    await pane.has(/\d\d:\d\d:\d\dZ/)
    await pane.press('q')
    await pane.ended()
  })
})
