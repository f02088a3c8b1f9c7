/** One key of vc.toml, ready to be shown: secrets hidden, values as they would be written. */
export interface OwnConfigKey {
  readonly path: string
  readonly about: string
  readonly type: string
  readonly default: string
  /** What is in force; null: there is no single value (a list of blocks). */
  readonly now: string | null
  /** What the file says by now, where that is not in force yet; null: the same. */
  readonly next: string | null
  /** Where it stands in the file; null: it is left to its default. */
  readonly line: number | null
}

/** vc's own configuration as whoever owns the store has taken it, compared with the file as it is now. */
export interface OwnConfig {
  /** Null: the built-in configuration is in force. */
  readonly file: string | null
  readonly machines: number
  readonly sections: readonly {
    readonly header: string
    readonly about: string
    readonly keys: readonly OwnConfigKey[]
  }[]
  readonly problems: readonly {
    readonly severity: 'error' | 'warning'
    readonly line: number | null
    readonly key: string
    readonly message: string
    readonly fix: string
  }[]
}
