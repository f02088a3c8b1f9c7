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

/** Whatever was thrown, as one sentence. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
