// vc as a user gets it: the built bundle beside its migrations, without sources, in a scratch folder.
import { spawn, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')

export interface Installed {
  readonly dir: string
  readonly bin: string
  /** Where a script of the benches lies that was built into the program: `program('fleet-child')`. */
  program(name: string): string
  /** A new empty home below the scratch folder, with the environment of a user who has it. */
  user(name: string): { readonly home: string; readonly env: NodeJS.ProcessEnv }
  remove(): void
}

/** The program, and below it the scripts of `bench/` that are named: they use the code as it is shipped. */
export const installBuilt = (scripts: readonly string[] = []): Installed => {
  const dir = mkdtempSync(join(tmpdir(), 'vc-built-'))
  const more = scripts.map((path) => join(ROOT, 'bench', path))
  const args = [join(ROOT, 'scripts/build.mjs'), join(dir, 'dist'), ...more]
  const built = spawnSync(process.execPath, args, { encoding: 'utf8' })
  if (built.status !== 0) throw new Error(`the build failed: ${built.stderr}`)
  for (const part of ['bin', 'migrations', 'package.json'])
    cpSync(join(ROOT, part), join(dir, part), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(dir, 'node_modules'))
  return {
    dir,
    bin: join(dir, 'bin/vc.js'),
    program: (name) => join(dir, 'dist', `${name}.js`),
    user(name) {
      const home = join(dir, `home-${name}`)
      mkdirSync(home)
      return {
        home,
        env: { HOME: home, PATH: process.env.PATH ?? '', NO_COLOR: '1', LANG: 'C.UTF-8', TMUX_TMPDIR: home },
      }
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  }
}

export interface Daemon {
  readonly pid: number
  /** Ends it; resolves when it is gone. */
  end(signal?: NodeJS.Signals): Promise<void>
}

/** Starts `vc daemon` in the foreground of a child and waits until its socket answers. */
export const startDaemon = async (
  vc: Installed,
  env: NodeJS.ProcessEnv,
  args: readonly string[] = [],
): Promise<Daemon> => {
  const child = spawn(process.execPath, [vc.bin, 'daemon', ...args], { env, cwd: env.HOME, stdio: 'ignore' })
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const answers = (): boolean =>
    spawnSync(process.execPath, [vc.bin, 'daemon', 'status', ...args], { env, stdio: 'ignore' }).status === 0
  for (let tries = 0; !answers(); tries++) {
    if (child.exitCode !== null || tries > 100) throw new Error('the daemon did not start')
    await pause(100)
  }
  return {
    pid: child.pid ?? 0,
    end(signal = 'SIGTERM') {
      child.kill(signal)
      return gone
    },
  }
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
