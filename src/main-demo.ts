// The demo fleet: recorded machines played back, in a scratch folder that goes away with it.
import { existsSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type LoadedConfig, loadConfig } from './config/index.ts'
import { VcError } from './core/errors.ts'
import type { Executor } from './core/executor.ts'
import { packageFile } from './core/own-files.ts'
import { openReplay, replayMachines } from './transport/replay.ts'

const FLEET_DIR = fileURLToPath(packageFile('tests/fixtures/fleet'))

const machineToml = (id: string): string => `[[machines]]\nid = "${id}"\nssh = "demo@${id}"\ntags = ["demo"]\n`

/** Folders on the way to the sockets that were not there before: they go with the demo. */
let created: readonly string[] = []

/** A configuration of its own for the recorded machines: other commands reach it with `--config`. */
export const demoConfig = (): LoadedConfig => {
  const dir = mkdtempSync(join(tmpdir(), 'vc-demo-'))
  const file = join(dir, 'vc.toml')
  const machines = replayMachines(FLEET_DIR)
  if (machines.length === 0)
    throw new VcError('no_demo', `no recorded machine lies in ${FLEET_DIR}`, 'npm run demo works in a checkout')
  const text = [
    `[vc]\ndata_dir = "${join(dir, 'data')}"\n`,
    '[polling]\nbase_tick_remote_seconds = 5\n',
    ...machines.map(({ id }) => machineToml(id)),
  ]
  writeFileSync(file, text.join('\n'), { mode: 0o600 })
  // Also when starting fails, before there is anything to stop.
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }))
  const loaded = loadConfig(file)
  created = missingDirs(loaded.paths.stateDir)
  return loaded
}

const missingDirs = (dir: string): readonly string[] =>
  existsSync(dir) || dir === dirname(dir) ? [] : [dir, ...missingDirs(dirname(dir))]

export const demoExecutor = (machineId: string): Executor => {
  const machine = replayMachines(FLEET_DIR).find(({ id }) => id === machineId)
  if (!machine) throw new VcError('bad_target', `${machineId} was never recorded`, 'see tests/fixtures/fleet')
  return openReplay({ dir: machine.dir })
}

/** Takes away everything a demo wrote. */
export const removeDemo = (loaded: LoadedConfig): void => {
  if (loaded.source.is !== 'file') return
  const { runDir, logDir, controlDir } = loaded.paths
  for (const dir of [join(loaded.source.path, '..'), runDir, logDir, controlDir])
    rmSync(dir, { recursive: true, force: true })
  try {
    for (const dir of created) rmdirSync(dir)
  } catch {
    // Something of somebody else lies there by now, or a demo that failed made none.
  }
}
