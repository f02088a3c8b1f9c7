import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A folder for one tmux server of a test; `down` ends that server. */
export const scratchTmux = () => {
  const dir = mkdtempSync(join(tmpdir(), 'vc-host-'))
  const socket = join(dir, 'run', 'tmux.sock')
  mkdirSync(dirname(socket), { mode: 0o700 })
  const tmux = (...args: readonly string[]) => spawnSync('tmux', ['-u', '-S', socket, ...args], { encoding: 'utf8' })
  return {
    dir,
    socket,
    tmux,
    down() {
      if (existsSync(socket)) tmux('kill-server')
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
