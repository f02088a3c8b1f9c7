import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openStage, programOf, startTicks, writeHome } from '../../collectors/evidence/played-agent.ts'
import { bundleNamed } from '../../oracle/agent-bundles.ts'
import { hasProgram } from '../../programs.ts'
import { newUser, until } from '../../stories/vc-process.ts'
import { type Pane, paneOf } from '../drive.ts'

const BIN = join(import.meta.dirname, '../../../bin/vc.js')
/** A press is a few scripts on the machine, and the first one loads what it needs. */
const PATIENCE_MS = 300_000

const PLAY = `cat "$1"; printf '\\033]2;✳ Claude Code\\033\\\\'
exec -a claude bash "$2" "$3"
`
// Takes keys as they come, as a program that draws its own screen does, and keeps their bytes.
const TAKE_KEYS = `stty raw -echo
: > "$1"
dd bs=1 of="$1" conv=notrunc 2>/dev/null
`

describe.runIf(hasProgram('tmux'))('an agent that has the focus', () => {
  let user: ReturnType<typeof newUser>
  let stage: ReturnType<typeof openStage>
  let config = ''
  beforeEach(() => {
    user = newUser()
    const folder = join(user.home, `tmux-${process.getuid?.() ?? 0}`)
    mkdirSync(folder, { mode: 0o700 })
    stage = openStage(join(folder, 'private'))
    config = join(user.home, 'vc.toml')
    const machine = '[[machines]]\nid = "here"\nssh = "local"\nallow_write_commands = true\nadopt = ["claude"]\n'
    writeFileSync(config, machine, { mode: 0o600 })
  })
  afterEach(async () => {
    stage.close()
    await user.leave()
  }, 60_000)

  /** Claude Code with its dialog on the screen; answers the file with the bytes it was sent. */
  const play = async (): Promise<string> => {
    const bundle = bundleNamed('cl-approve-write-file')
    const cwd = join(user.home, 'ledger')
    mkdirSync(cwd)
    const file = (name: string, text: string): string => {
      writeFileSync(join(stage.dir, name), text)
      return join(stage.dir, name)
    }
    const screen = String(bundle.screen_ansi).replace(/\n+$/, '').replaceAll('\n', '\r\n')
    const bytes = join(stage.dir, 'bytes')
    const words = [file('wait.sh', PLAY), file('screen', screen), file('take.sh', TAKE_KEYS), bytes]
    const size = ['-x', '80', '-y', '24']
    const said = stage.tmux('new-session', '-d', '-P', '-F', '#{pane_pid}', ...size, '-c', cwd, 'bash', ...words)
    const pid = Number(said.trim())
    await until(
      () => programOf(pid) === 'claude',
      () => 'claude to run',
    )
    writeHome(user.home, bundle, { pid, ticks: startTicks(pid) })
    return bytes
  }

  const cockpit = (): Pane => {
    const { NO_COLOR: _, ...env } = user.env
    const set = Object.entries({ ...env, TERM: 'tmux-256color' }).map(([name, value]) => `${name}=${value}`)
    const argv = [process.execPath, BIN, 'tui', '--screen', 'agents', '--config', config]
    const size = ['-x', '140', '-y', '40']
    const pane = stage.tmux('new-session', '-d', '-P', '-F', '#{pane_id}', ...size, 'env', '-i', ...set, ...argv)
    return paneOf(async (...args) => stage.tmux(...args), pane.trim())
  }

  test('gets each key in its order, until Ctrl-]; the audit knows how many, never which', {
    timeout: 900_000,
  }, async () => {
    const bytes = await play()
    const daemon = user.start('daemon', '--config', config)
    await daemon.until(/answering on/).catch(() => daemon.until(/answering on/))
    const vc = cockpit()
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
    const audit = (await user.vc('robot', 'audit', '--json', '--config', config)).stdout
    expect(audit).toContain('agent.keys')
    expect(audit).not.toContain('hello')
  })
})
