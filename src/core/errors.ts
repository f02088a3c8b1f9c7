/** Exit codes of every vc command, documented in docs/exit-codes.md. */
export const EXIT = {
  answered: 0,
  fault: 1,
  usage: 2,
  stale: 3,
  refused: 4,
  unknownEffect: 5,
  timedOut: 124,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/**
 * An error a person can act on: a code for machines, a sentence that names the place, and the next step.
 *
 * ```ts
 * throw new VcError('tool_missing', 'atlas has no caut on its PATH', 'install caut there, or set collectors.caut.enabled = false')
 * ```
 */
export class VcError extends Error {
  readonly code: string
  readonly fix: string
  readonly exitCode: ExitCode

  constructor(code: string, message: string, fix: string, options: { exitCode?: ExitCode; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'VcError'
    this.code = code
    this.fix = fix
    this.exitCode = options.exitCode ?? EXIT.fault
  }
}

/** A wrong flag, name or configuration: exit code 2. */
export const usageError = (code: string, message: string, fix: string): VcError =>
  new VcError(code, message, fix, { exitCode: EXIT.usage })

/** Node's words for a module that no longer fits those that were loaded before: an update came while they ran. */
const EXCHANGED =
  /The requested module '\.[^']*' does not provide an export named|Cannot find module '[^']*\/(?:src|dist)\/[^']*' imported from/

const changedCode = (what: string): string =>
  `the code of vc was changed while it ran, and ${what}; start it anew: vc daemon stop, then vc daemon --detach`

/** Said instead of loading what belongs to another version. */
export const CODE_CHANGED = changedCode('it mixes no versions')

const EXCHANGED_SAYS = changedCode('a part of it no longer loads')

/** Whatever was thrown, as one sentence. */
export const messageOf = (error: unknown): string => {
  const message = error instanceof Error ? error.message : String(error)
  return EXCHANGED.test(message) ? `${EXCHANGED_SAYS} (${message})` : message
}
