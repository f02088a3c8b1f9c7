// The test fleet of tests/fleet, each machine an address of its own, so that a thousand need one port (Linux).
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.ts'

const SCRIPT = join(import.meta.dirname, '../../tests/fleet/sshd-fleet.sh')

export interface SshFleet {
  readonly dir: string
  /** ssh_config with an alias for each machine. */
  readonly sshConfig: string
  readonly machines: readonly string[]
  /** A vc.toml with all of them and this text before; returns its path. */
  config(text: string): string
  down(): void
}

/** Always call `down`. */
export const startSshFleet = async (plain: number, specials: readonly string[] = []): Promise<SshFleet> => {
  const dir = mkdtempSync(join(tmpdir(), 'vc-bench-fleet-'))
  const call = (command: string, ...args: readonly string[]): string =>
    execFileSync('bash', [SCRIPT, command, '-d', dir, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  const down = (): void => {
    call('down')
    rmSync(dir, { recursive: true, force: true })
  }
  try {
    // The specials take ports from 300 above; ephemeral ports start higher than these two together.
    const port = 20_000 + ((await freePort()) % 8_000)
    const special = specials.length > 0 ? ['--special', specials.join(',')] : []
    call('up', '-n', String(plain), '-p', String(port), '--by', 'addr', ...special)
  } catch (error) {
    down()
    throw error
  }
  const machines = call('list')
    .trim()
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '')
  return {
    dir,
    sshConfig: join(dir, 'ssh_config'),
    machines,
    config(text) {
      const file = join(dir, 'vc.toml')
      writeFileSync(file, `[vc]\ndata_dir = "${join(dir, 'data')}"\n\n${text}\n${call('toml')}`, { mode: 0o600 })
      return file
    },
    down,
  }
}
