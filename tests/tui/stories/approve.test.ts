import { existsSync, readFileSync } from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'
import { hasProgram } from '../../programs.ts'
import { type DialogDesk, openDialogDesk } from './dialog-desk.ts'

// Takes one key as the CLI does, keeps it for the story, and goes to work: the registry of its live sessions says so.
const TAKE_ONE_KEY = `stty raw -echo
printf '%s' "$(head -c 1)" > "$1"
now=$(date +%s%3N)
sed -i "s/\\"status\\":\\"waiting\\"/\\"status\\":\\"busy\\"/; s/,\\"waitingFor\\":\\"[^\\"]*\\"//
  s/\\"updatedAt\\":[0-9]*/\\"updatedAt\\":$now/; s/\\"statusUpdatedAt\\":[0-9]*/\\"statusUpdatedAt\\":$now/" "$2/$$.json"
printf '\\033]2;⠂ Claude Code\\033\\\\\\033[2J\\033[HWriting amount.mjs\\r\\n\\r\\n* Working... (esc to interrupt)\\r\\n'
sleep 900
`

describe.runIf(hasProgram('tmux'))('a prompt of an agent, seen and answered in the cockpit', () => {
  let desk: DialogDesk
  afterEach(() => desk.close(), 60_000)

  /** Claude Code with its dialog on the screen; answers where the key goes that it takes. */
  const play = async (name: string, change?: (bundle: string) => string): Promise<string> => {
    const key = desk.file(`${name}-key`)
    const words = [key, desk.sessions]
    await desk.play({ name, take: TAKE_ONE_KEY, words, ...(change === undefined ? {} : { change }) })
    return key
  }

  test('an agent is taken on, its dialog read in the box, one y presses the one right key', {
    timeout: 600_000,
  }, async () => {
    desk = openDialogDesk()
    const key = await play('ledger')
    await desk.daemon()
    const vc = desk.cockpit()
    await vc.shows(/! here\/claude-\w+ +needs approval/)
    // Its terminal was found too: without one nobody can answer it.
    await vc.shows(/Do you want to create/)
    await vc.press('y')
    await vc.shows(/vc only watches it \(observed\)/)
    await vc.press('d')
    await vc.shows(/ y yes {3}n no/)
    await vc.has(/┌─ vc agent adopt here\/claude-/)
    await vc.press('y')
    await vc.shows(/┌─ vc agent adopt .* done ┐/)
    await vc.press('Escape')
    await vc.hides(/┌─ vc agent adopt /)
    // In the list: vc may answer it from now on.
    await vc.has(/! here\/claude-\w+ +needs approval .* adopted/)
    await vc.press('y')
    await vc.shows(/ y yes {3}n no/)
    await vc.has(/─ Question ─.*Do you want to create/s)
    expect(existsSync(key)).toBe(false)
    await vc.press('y')
    await vc.shows(/@ here\/claude-\w+/)
    expect(readFileSync(key, 'utf8')).toBe('1')
  })

  test('one yes answers all that show the identical dialog, and nobody who shows another', {
    timeout: 600_000,
  }, async () => {
    desk = openDialogDesk('adopt = ["claude"]\n')
    // Each in a session of its own; the third asks for another file.
    const other = (session: string) => (text: string) => text.replaceAll('ccef7fea', session)
    const keys = [
      await play('first'),
      await play('second', other('22222222')),
      await play('third', (text) => other('33333333')(text).replaceAll('amount.mjs', 'secret.mjs')),
    ]
    await desk.daemon()
    const vc = desk.cockpit()
    await vc.shows(/(! here\/claude-\w+ +needs approval .* adopted.*){3}/s)
    // The one that asks for another file is not the one to begin with.
    if (/secret\.mjs/.test(await vc.shows(/Do you want to create (amount|secret)\.mjs/))) {
      await vc.press('j')
      await vc.shows(/Do you want to create amount\.mjs/)
    }
    await vc.press('a')
    await vc.shows(/ y yes {3}n no/)
    const box = await vc.has(/Approve exactly this for 2 agents: here\/claude-/)
    expect(box).toMatch(/Do you want to create amount\.mjs/)
    expect(keys.filter((key) => existsSync(key))).toEqual([])
    await vc.press('y')
    await vc.shows(/┌─ vc agent approve here\/claude-\w+ --same ─.* (done|effect unknown|refused) ┐/)
    const said = await vc.has(/here\/claude-\w+: .*here\/claude-\w+: /s)
    expect(said).not.toMatch(/refused/)
    expect(keys.map((key) => (existsSync(key) ? readFileSync(key, 'utf8') : null))).toEqual(['1', '1', null])
  })
})
