/** What the configuration file says by now that whoever looks has not taken up. */
export interface UnloadedConfig {
  /** When and that it is so: `vc.toml changed at …, and is not loaded`. */
  readonly changed: string
  /** What it would change: `it adds atlas and changes [polling]`. */
  readonly difference: string
  /** Machines that the file wants looked at and nobody looks at, because it is not loaded. */
  readonly machines: readonly string[]
  readonly fix: string
}

/** Of one of these machines, in place of what vc knows of it. */
export const notLoadedWords = (machine: string, { changed }: Pick<UnloadedConfig, 'changed'>): string =>
  `nothing looks at ${machine} yet: ${changed}`
