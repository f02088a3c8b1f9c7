import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { EvidenceBundle } from '../../../src/commands/explain-bundle.ts'
import { openStage, programOf, startTicks, writeHome } from '../../collectors/evidence/played-agent.ts'
import { bundleNamed } from '../../oracle/agent-bundles.ts'
import { newUser, until } from '../../stories/vc-process.ts'
import { type Pane, paneOf } from '../drive.ts'

const BIN = join(import.meta.dirname, '../../../bin/vc.js')

// The recorded screen and title first; then what takes the keys runs under the name of the CLI.
const PLAY = `cat "$1"; printf '\\033]2;✳ Claude Code\\033\\\\'; shift
exec -a claude bash "$@"
`

interface Played {
  /** Folder and prefix of its files; each agent of a desk has its own. */
  readonly name: string
  /** The shell script that takes its keys, and the words it gets. */
  readonly take: string
  readonly words: readonly string[]
  /** A change of the recorded evidence, as text. */
  readonly change?: (bundle: string) => string
}

/** A person with a home, a daemon and a cockpit of their own, and Claude Code with its recorded dialog in tmux beside them. */
export const openDialogDesk = (more = '') => {
  const user = newUser()
  const folder = join(user.home, `tmux-${process.getuid?.() ?? 0}`)
  mkdirSync(folder, { mode: 0o700 })
  const stage = openStage(join(folder, 'private'))
  const config = join(user.home, 'vc.toml')
  const machine = `[[machines]]\nid = "here"\nssh = "local"\nallow_write_commands = true\n${more}`
  writeFileSync(config, machine, { mode: 0o600 })
  return {
    sessions: join(user.home, '.claude/sessions'),
    /** A path in the folder of the stage. */
    file: (name: string): string => join(stage.dir, name),
    async play({ name, take, words, change = (bundle) => bundle }: Played): Promise<void> {
      const bundle = JSON.parse(change(JSON.stringify(bundleNamed('cl-approve-write-file')))) as EvidenceBundle
      const cwd = join(user.home, name)
      mkdirSync(cwd)
      const part = (what: string, text: string): string => {
        writeFileSync(join(stage.dir, `${name}-${what}`), text)
        return join(stage.dir, `${name}-${what}`)
      }
      const screen = String(bundle.screen_ansi).replace(/\n+$/, '').replaceAll('\n', '\r\n')
      const argv = ['bash', part('play.sh', PLAY), part('screen', screen), part('take.sh', take), ...words]
      const size = ['-x', '80', '-y', '24']
      const said = stage.tmux('new-session', '-d', '-P', '-F', '#{pane_pid}', ...size, '-c', cwd, ...argv)
      const pid = Number(said.trim())
      await until(
        () => programOf(pid) === 'claude',
        () => 'claude to run',
      )
      writeHome(user.home, bundle, { pid, ticks: startTicks(pid) })
    },
    async daemon(): Promise<void> {
      const daemon = user.start('daemon', '--config', config)
      // On a loaded machine it may take longer than one wait.
      await daemon.until(/answering on/).catch(() => daemon.until(/answering on/))
    },
    cockpit(): Pane {
      const { NO_COLOR: _, ...env } = user.env
      const set = Object.entries({ ...env, TERM: 'tmux-256color' }).map(([name, value]) => `${name}=${value}`)
      const argv = [process.execPath, BIN, 'tui', '--screen', 'agents', '--config', config]
      const size = ['-x', '140', '-y', '40']
      const pane = stage.tmux('new-session', '-d', '-P', '-F', '#{pane_id}', ...size, 'env', '-i', ...set, ...argv)
      return paneOf(async (...args) => stage.tmux(...args), pane.trim())
    },
    /** What a vc command prints, typed in another terminal. */
    vc: async (...argv: readonly string[]): Promise<string> => (await user.vc(...argv, '--config', config)).stdout,
    async close(): Promise<void> {
      stage.close()
      await user.leave()
    },
  }
}
export type DialogDesk = ReturnType<typeof openDialogDesk>
