import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const SCRIPT = new URL('../../fleet/sshd-fleet.sh', import.meta.url).pathname
// Plain machines on base…, special ones from base + 300 on, two ports each.
const SPAN = 340

/** Names the programs that are missing here. Under VC_TEST_STRICT=1 that is a failure, else the reason to skip. */
export const missingPrograms = (names: readonly string[]): string | null => {
  const missing = names.filter(
    (name) => spawnSync('sh', ['-c', 'command -v "$1" || test -x "/usr/sbin/$1"', 'sh', name]).status !== 0,
  )
  if (missing.length === 0) return null
  const sentence = `not run: this machine has no ${missing.join(', ')}`
  if (process.env.VC_TEST_STRICT === '1') throw new Error(sentence)
  console.warn(sentence)
  return sentence
}

const portFree = (port: number): Promise<boolean> =>
  new Promise((settle) => {
    const server = createServer().once('error', () => settle(false))
    server.listen(port, '127.0.0.1', () => server.close(() => settle(true)))
  })

const freeBase = async (plain: number, specials: number): Promise<number> => {
  for (let base = 20_000 + (process.pid % 20) * SPAN; base < 32_000; base += SPAN) {
    const ports = [
      ...Array.from({ length: plain }, (_, i) => base + i),
      ...Array.from({ length: 2 * specials }, (_, i) => base + 300 + i),
    ]
    if ((await Promise.all(ports.map(portFree))).every(Boolean)) return base
  }
  throw new Error('no free ports for the test fleet')
}

export interface Fleet {
  readonly dir: string
  readonly configFile: string
  readonly runDir: string
  fleet(command: string, ...args: readonly string[]): void
  down(): void
}

/** A throw-away sshd fleet of `plain` machines (m0000…) and the named special ones. Always call `down`. */
export const startFleet = async (plain: number, specials: readonly string[]): Promise<Fleet> => {
  const dir = mkdtempSync(join(tmpdir(), 'vc-fleet-'))
  const base = await freeBase(plain, specials.length)
  const call = (command: string, ...args: readonly string[]) =>
    void execFileSync('bash', [SCRIPT, command, '-d', dir, ...args], { stdio: ['ignore', 'ignore', 'pipe'] })
  const down = () => {
    call('down')
    rmSync(dir, { recursive: true, force: true })
  }
  try {
    call(
      'up',
      '-n',
      String(plain),
      '-p',
      String(base),
      ...(specials.length > 0 ? ['--special', specials.join(',')] : []),
    )
  } catch (error) {
    down()
    throw error
  }
  return { dir, configFile: join(dir, 'ssh_config'), runDir: join(dir, 'cm'), fleet: call, down }
}
