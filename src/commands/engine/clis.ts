import { adapters } from '../../engine/adapters/index.ts'

/** CLIs that vc can start, as people write them. */
export const CLI_NAMES: readonly string[] = adapters.map((adapter) => adapter.cli)
