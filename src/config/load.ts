import { hostname } from 'node:os'
import { dirname } from 'node:path'
import type { Warning } from '../core/rows.ts'
import { findConfig, readOwnFile, strayNotice } from './find.ts'
import type { LoadedConfig } from './load-types.ts'
import { type ParsedConfig, parseConfig } from './parse.ts'
import { expandPath, resolvePaths, type Surroundings, surroundings } from './paths.ts'
import { ConfigError, problemLine } from './problems.ts'
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
export const readConfigFile = (path: string, at: Surroundings = surroundings()): ParsedConfig =>
  parseConfig(readOwnFile(path, at.uid), path)

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
