import { EXIT, VcError } from '../core/errors.ts'

/** One thing wrong with a configuration file. `line` is 1-based; null when the place is the file as a whole. */
export interface ConfigProblem {
  readonly severity: 'error' | 'warning'
  readonly code: string
  readonly file: string
  readonly line: number | null
  /** Dotted, machines by id: `machines.atlas.ssh`. Empty for the file as a whole. */
  readonly key: string
  readonly message: string
  readonly fix: string
}

/** `ops.toml:7: sentence`, as compilers say it, so that editors can jump there. */
export const problemLine = (problem: ConfigProblem): string =>
  `${problem.file}${problem.line === null ? '' : `:${problem.line}`}: ${problem.message}`

/** A configuration that was refused; carries every problem, not only the first. Exit code 2. */
export class ConfigError extends VcError {
  readonly problems: readonly ConfigProblem[]

  constructor(problems: readonly ConfigProblem[]) {
    const [first, ...others] = problems.filter((problem) => problem.severity === 'error')
    const more = others.length === 0 ? '' : ` (and ${others.length} more)`
    super(
      first?.code ?? 'config_invalid',
      `${first === undefined ? 'the configuration is refused' : problemLine(first)}${more}`,
      first?.fix ?? 'run: vc config lint',
      { exitCode: EXIT.usage },
    )
    this.name = 'ConfigError'
    this.problems = problems
  }
}
