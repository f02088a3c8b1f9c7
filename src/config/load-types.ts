import type { Warning } from '../core/rows.ts'
import type { VcPaths } from './paths.ts'
import type { VcConfig } from './schema.ts'

/** Where the configuration came from. */
export type ConfigSource = { readonly is: 'file'; readonly path: string } | { readonly is: 'built_in' }

/** A configuration in force: checked, with every place worked out. */
export interface LoadedConfig {
  readonly config: VcConfig
  readonly source: ConfigSource
  readonly paths: VcPaths
  /** Worth a line to the operator, e.g. a ./vc.toml that was not loaded. */
  readonly notices: readonly Warning[]
}
