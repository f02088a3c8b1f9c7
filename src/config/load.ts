import { existsSync, statSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { foreignWriter } from '../core/foreign-writer.ts'
import type { Warning } from '../core/rows.ts'
import { displayText } from '../core/text.ts'
import { candidates, findConfig, homeConfigFile, readOwnFile, strayNotice } from './find.ts'
import type { LoadedConfig } from './load-types.ts'
import { type ParsedConfig, parseConfig } from './parse.ts'
import { expandPath, type PathKeys, resolvePaths, type Surroundings, surroundings, type VcPaths } from './paths.ts'
import { lineAt, positionsOf } from './positions.ts'
import { ConfigError, type ConfigProblem, problemLine } from './problems.ts'
import { configSchema, type MachineConfig, type VcConfig } from './schema.ts'

/** The short hostname as a machine id: only letters, digits, dash and underscore, never empty. */
export const safeHostId = (name: string): string =>
  (name.split('.')[0] ?? '')
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 64) || 'local'

/** This machine alone: what vc looks at when no file says otherwise. */
export function builtInMachine(name: string = hostname()): MachineConfig {
  const [machine] = configSchema.parse({ machines: [{ id: safeHostId(name), ssh: 'local' }] }).machines
  if (machine === undefined) throw new Error('the schema lost a machine')
  return machine
}

const withMachines = (config: VcConfig): VcConfig =>
  config.machines.length > 0 ? config : { ...config, machines: [builtInMachine()] }

const withPaths = (config: VcConfig, at: Surroundings, base: string): VcConfig => {
  const file = config.ssh.config_file
  return file === null ? config : { ...config, ssh: { ...config.ssh, config_file: expandPath(file, at, base) } }
}

/** Reads and judges one file; throws VcError only when it cannot or must not be read. */
export const readConfigFile = (path: string, at: Surroundings = surroundings()): ParsedConfig => {
  const text = readOwnFile(path, at.uid)
  const { config, problems } = parseConfig(text, path)
  return { config, problems: [...problems, ...sshConfigTrouble(config, text, path, at)] }
}

// A warning only: what is `local` is still looked at, and the file may come with a mount.
function sshConfigTrouble(config: VcConfig | null, text: string, path: string, at: Surroundings): ConfigProblem[] {
  const named = config?.ssh.config_file ?? null
  if (named === null) return []
  const file = expandPath(named, at, dirname(path))
  const key = ['ssh', 'config_file']
  const warning = (code: string, message: string, fix: string): ConfigProblem[] => [
    { severity: 'warning', code, file: path, line: lineAt(positionsOf(text), key), key: key.join('.'), message, fix },
  ]
  const shown = displayText(file, 300)
  const found = existsSync(file) ? statSync(file, { throwIfNoEntry: false }) : undefined
  if (found === undefined)
    return warning(
      'ssh_config_missing',
      `there is no ssh_config at ${shown}: no machine can be reached over ssh`,
      'correct config_file, or take the line out: then ssh reads its own files',
    )
  const foreign = foreignWriter(found, at.uid, { rootToo: true })
  if (foreign === null) return []
  return warning(
    'ssh_config_unsafe',
    `the ssh_config ${shown} ${foreign.says}, and may name programs to run: no machine is reached over ssh`,
    `make it yours alone: chown ${at.uid} ${shown} && chmod go-w ${shown}`,
  )
}

// Text of a file that may be no TOML at all, but was written by its owner alone; else nothing of it is believed.
const keysDespite = (path: string, at: Surroundings): PathKeys => {
  try {
    const text = readOwnFile(path, at.uid)
    const keyOf = (name: string): string | null =>
      new RegExp(`^\\s*${name}\\s*=\\s*(?:"([^"\\\\]*)"|'([^']*)')`, 'm').exec(text)?.slice(1).find(Boolean) ?? null
    return { data_dir: keyOf('data_dir'), db_path: keyOf('db_path') }
  } catch {
    return {}
  }
}

/** Where a daemon lies that was started before its file was refused. Reads as little as that needs, and never throws. */
export const placesDespite = (flag?: string, at: Surroundings = surroundings()): VcPaths => {
  const named = candidates(at, flag)[0]?.path ?? homeConfigFile(at)
  return resolvePaths(at, keysDespite(named, at), dirname(named))
}

/**
 * The configuration in force: `--config`, VC_CONFIG, ~/.config/vc/vc.toml, else built-in (this machine only).
 * Throws ConfigError (exit 2) with every problem; nothing is half loaded, so a reload can keep what it had.
 */
export function loadConfig(flag?: string, at: Surroundings = surroundings()): LoadedConfig {
  const found = findConfig(at, flag)
  const stray = strayNotice(at, found?.path ?? null)
  const notices: Warning[] = stray === null ? [] : [stray]
  if (found === null) {
    const config = withMachines(configSchema.parse({}))
    return { config, source: { is: 'built_in' }, paths: resolvePaths(at), notices }
  }
  const { config, problems } = readConfigFile(found.path, at)
  if (config === null) throw new ConfigError(problems)
  const base = dirname(found.path)
  for (const problem of problems) notices.push({ code: problem.code, message: problemLine(problem), fix: problem.fix })
  return {
    config: withPaths(withMachines(config), at, base),
    source: { is: 'file', path: found.path },
    paths: resolvePaths(at, config.vc, base),
    notices,
  }
}
