export { COLLECTOR_NAMES, type CollectorName } from './collector-keys.ts'
export { addMachine, lineOf, type NewMachine, setMachineKey } from './edit.ts'
export { keyPath, literalOf, setKey, unsetKey } from './edit-key.ts'
export {
  baseTickMs,
  type CollectorSettings,
  collectorChoice,
  collectorSettings,
  isLocal,
  pricesOf,
} from './effective.ts'
export { configExample } from './example.ts'
export { type Candidate, candidates, findConfig, homeConfigFile, readOwnFile } from './find.ts'
export { configSections, defaultText, type KeyInfo, type SectionInfo } from './keys.ts'
export { loadConfig, placesDespite, readConfigFile } from './load.ts'
export type { ConfigSource, LoadedConfig } from './load-types.ts'
export { makeDir } from './make-dir.ts'
export { checkControlDir, ensureDataDir, ensureOwnDir, ensurePaths, leaveTempDirs } from './own-dirs.ts'
export { type ParsedConfig, parseConfig } from './parse.ts'
export { resolvePaths, type Surroundings, surroundings, type VcPaths } from './paths.ts'
export { placeAt, positionsOf } from './positions.ts'
export { ConfigError, type ConfigProblem, problemLine } from './problems.ts'
export { configReference } from './reference.ts'
export type { LogLevel, MachineConfig, PriceConfig, TransportChoice, VcConfig } from './schema.ts'
export { redactConfig, withoutUnset } from './show.ts'
export { replaceOwnFile, writeConfig } from './write.ts'
