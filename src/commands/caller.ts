/** Who asks, as the owner of the store found out itself. */
export interface Caller {
  readonly pid: number | null
  /** The agent CLI among its ancestors, `unknown` when they could not be read, null: none. */
  readonly agent: string | null
  /** A terminal with a person before it, as the caller says. */
  readonly terminal: boolean
}

/** vc itself, acting on a mandate. */
export const VC_ITSELF: Caller = { pid: null, agent: null, terminal: false }
