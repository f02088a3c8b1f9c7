import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { hasProgram } from '../../programs.ts'
import { until } from '../../stories/vc-process.ts'
import { type DialogDesk, openDialogDesk } from './dialog-desk.ts'

/** A press is a few scripts on the machine, and the first one loads what it needs. */
const PATIENCE_MS = 300_000

// Takes keys as they come, as a program that draws its own screen does, and keeps their bytes.
const TAKE_KEYS = `stty raw -echo
: > "$1"
dd bs=1 of="$1" conv=notrunc 2>/dev/null
`

describe.runIf(hasProgram('tmux'))('an agent that has the focus', () => {
  let desk: DialogDesk
  beforeEach(() => {
    desk = openDialogDesk('adopt = ["claude"]\n')
  })
  afterEach(() => desk.close(), 60_000)

  test('gets each key in its order, until Ctrl-]; the audit knows how many, never which', {
    timeout: 900_000,
  }, async () => {
    const bytes = desk.file('bytes')
    await desk.play({ name: 'ledger', take: TAKE_KEYS, words: [bytes] })
    await desk.daemon()
    const vc = desk.cockpit()
    await vc.shows(/! here\/claude-\w+ +needs approval .* adopted/)
    await vc.has(/Do you want to create/)
    await vc.press('f')
    await vc.shows(/Let the keys you press go to here\/claude-\w+/)
    await vc.press('y')
    await vc.shows(/your keys go here/)
    // Seen in the tile too: what is pressed is pressed before this dialog.
    await vc.has(/Do you want to create/)
    const arrived = async (all: string): Promise<void> => {
      let shown = ''
      await until(
        async () => {
          shown = await vc.text()
          return readFileSync(bytes, 'utf8') === all
        },
        () => `${JSON.stringify(all)} to arrive, not ${JSON.stringify(readFileSync(bytes, 'utf8'))}, in\n${shown}`,
        PATIENCE_MS,
      )
    }
    await vc.type('q3 hello')
    await vc.press('BSpace', 'Down', 'Enter')
    await arrived('q3 hello\u007f\u001b[B\r')
    await vc.press('C-]')
    await vc.hides(/your keys go here/)
    // The same key is the cockpit's now: it closes the tile.
    await vc.press('q')
    await vc.shows(/─ Turns of its transcript/)
    expect(readFileSync(bytes, 'utf8')).toBe('q3 hello\u007f\u001b[B\r')
    const audit = await desk.vc('robot', 'audit', '--json')
    expect(audit).toContain('agent.keys')
    expect(audit).not.toContain('hello')
  })
})
