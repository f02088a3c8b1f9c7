import { existsSync } from 'node:fs'
import {
  type Candidate,
  type ConfigProblem,
  candidates,
  configExample,
  findConfig,
  homeConfigFile,
  readConfigFile,
  readOwnFile,
  type Surroundings,
  writeConfig,
} from '../config/index.ts'
import { usageError } from '../core/errors.ts'

export interface CandidateReport extends Candidate {
  readonly exists: boolean
  /** The one in force. */
  readonly chosen: boolean
}

/** Where vc looks for its configuration, in order, and which place won. */
export function configCandidates(at: Surroundings, flag: string | undefined): CandidateReport[] {
  const all = candidates(at, flag)
  return all.map((candidate, index) => {
    const exists = existsSync(candidate.path)
    return { ...candidate, exists, chosen: index === 0 && exists }
  })
}

export interface LintReport {
  /** Null: nothing to lint, the built-in configuration is in force. */
  readonly file: string | null
  readonly ok: boolean
  readonly machines: number
  readonly problems: readonly ConfigProblem[]
}

/** Judges a file (else the one in force): every problem at once. Throws only when it cannot or must not be read. */
export function lintConfig(at: Surroundings, file: string | undefined, flag?: string): LintReport {
  const found = file === undefined ? findConfig(at, flag) : findConfig(at, file, '[file]')
  if (found === null) return { file: null, ok: true, machines: 1, problems: [] }
  const { config, problems } = readConfigFile(found.path, at)
  return { file: found.path, ok: config !== null, machines: config?.machines.length ?? 0, problems }
}

/** Installs the commented example, 0600, where asked or in the usual place. Never overwrites without `force`, which keeps a .bak. */
export function initConfig(at: Surroundings, flag: string | undefined, force: boolean): string {
  const path = candidates(at, flag)[0]?.path ?? homeConfigFile(at)
  if (!existsSync(path)) return writeConfig(path, null, configExample(), at)
  if (!force) {
    const fix = `look at it: vc config show; or replace it (the old one is kept as .bak): vc config init --force`
    throw usageError('config_exists', `${path} exists already; it was not touched`, fix)
  }
  return writeConfig(path, readOwnFile(path, at.uid), configExample(), at)
}
