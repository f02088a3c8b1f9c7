import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { EvidenceBundle } from '../../../src/commands/explain-bundle.ts'
import { openStage, programOf, startTicks, writeHome } from '../../collectors/evidence/played-agent.ts'
import { bundleNamed } from '../../oracle/agent-bundles.ts'
import { hasProgram } from '../../programs.ts'
import { newUser, until } from '../../stories/vc-process.ts'
import { type Pane, paneOf } from '../drive.ts'

const BIN = join(import.meta.dirname, '../../../bin/vc.js')

const PLAY = `cat "$1"; printf '\\033]2;✳ Claude Code\\033\\\\'
exec -a claude bash "$2" "$3" "$4"
`
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
  let user: ReturnType<typeof newUser>
  let stage: ReturnType<typeof openStage>
  let config = ''
  const configured = (more = ''): void => {
    const machine = `[[machines]]\nid = "here"\nssh = "local"\nallow_write_commands = true\n${more}`
    writeFileSync(config, machine, { mode: 0o600 })
  }
  beforeEach(() => {
    user = newUser()
    const folder = join(user.home, `tmux-${process.getuid?.() ?? 0}`)
    mkdirSync(folder, { mode: 0o700 })
    stage = openStage(join(folder, 'private'))
    config = join(user.home, 'vc.toml')
    configured()
  })
  afterEach(async () => {
    stage.close()
    await user.leave()
  }, 60_000)

  /** Claude Code with its dialog on the screen; answers where the key goes that it takes. */
  const play = async (name: string, change: (bundle: string) => string = (bundle) => bundle): Promise<string> => {
    const bundle = JSON.parse(change(JSON.stringify(bundleNamed('cl-approve-write-file')))) as EvidenceBundle
    const cwd = join(user.home, name)
    mkdirSync(cwd)
    const file = (part: string, text: string): string => {
      writeFileSync(join(stage.dir, `${name}-${part}`), text)
      return join(stage.dir, `${name}-${part}`)
    }
    const key = join(stage.dir, `${name}-key`)
    const screen = String(bundle.screen_ansi).replace(/\n+$/, '').replaceAll('\n', '\r\n')
    const words = [
      file('wait.sh', PLAY),
      file('screen', screen),
      file('take.sh', TAKE_ONE_KEY),
      key,
      join(user.home, '.claude/sessions'),
    ]
    const size = ['-x', '80', '-y', '24']
    const said = stage.tmux('new-session', '-d', '-P', '-F', '#{pane_pid}', ...size, '-c', cwd, 'bash', ...words)
    const pid = Number(said.trim())
    await until(
      () => programOf(pid) === 'claude',
      () => 'claude to run',
    )
    writeHome(user.home, bundle, { pid, ticks: startTicks(pid) })
    return key
  }

  const cockpit = (): Pane => {
    const { NO_COLOR: _, ...env } = user.env
    const set = Object.entries({ ...env, TERM: 'tmux-256color' }).map(([name, value]) => `${name}=${value}`)
    const argv = [process.execPath, BIN, 'tui', '--screen', 'agents', '--config', config]
    const size = ['-x', '140', '-y', '40']
    const pane = stage.tmux('new-session', '-d', '-P', '-F', '#{pane_id}', ...size, 'env', '-i', ...set, ...argv)
    return paneOf(async (...args) => stage.tmux(...args), pane.trim())
  }

  test('an agent is taken on, its dialog read in the box, one y presses the one right key', {
    timeout: 600_000,
  }, async () => {
    const key = await play('ledger')
    const daemon = user.start('daemon', '--config', config)
    // On a loaded machine it may take longer than one wait.
    await daemon.until(/answering on/).catch(() => daemon.until(/answering on/))
    const vc = cockpit()
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
    configured('adopt = ["claude"]\n')
    // Each in a session of its own; the third asks for another file.
    const other = (session: string) => (text: string) => text.replaceAll('ccef7fea', session)
    const keys = [
      await play('first'),
      await play('second', other('22222222')),
      await play('third', (text) => other('33333333')(text).replaceAll('amount.mjs', 'secret.mjs')),
    ]
    const daemon = user.start('daemon', '--config', config)
    await daemon.until(/answering on/).catch(() => daemon.until(/answering on/))
    const vc = cockpit()
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
