import { createTwoFilesPatch } from 'diff'
import type { Surroundings } from '../../config/index.ts'
import { usageError } from '../../core/errors.ts'
import { suggestName } from '../../core/nearest.ts'
import { hookTargets, textOf } from './places.ts'
import type { HookState, HookTarget } from './target.ts'

export type HookVerb = 'install' | 'remove'

/** What would happen to one settings file; nothing was written. */
export interface HookChange {
  readonly cli: HookTarget['cli']
  readonly file: string
  readonly about: string
  readonly state: HookState
  /** Null: there is no file yet. */
  readonly before: string | null
  readonly after: string | null
  /** Unified diff; empty when nothing changes. */
  readonly diff: string
}

const NAMES = ['claude', 'codex', 'gemini']

const chosen = (targets: readonly HookTarget[], clis: readonly string[]): readonly HookTarget[] => {
  for (const cli of clis) {
    if (cli === 'opencode')
      throw usageError(
        'no_hooks',
        'OpenCode knows no hooks but programs that run inside it',
        'leave it out: vc reads its log and database',
      )
    if (!NAMES.includes(cli)) throw usageError('unknown_cli', `vc has no hooks for '${cli}'`, suggestName(cli, NAMES))
  }
  return clis.length === 0 ? targets : targets.filter(({ cli }) => clis.includes(cli))
}

const changeOf = (target: HookTarget, verb: HookVerb, at: Surroundings): HookChange => {
  const before = textOf(target, at)
  const after = verb === 'install' ? target.install(before) : before === null ? null : target.remove(before)
  const { cli, file, about } = target
  const same = (before ?? '') === (after ?? '')
  const diff = same
    ? ''
    : createTwoFilesPatch(
        file,
        file,
        before ?? '',
        after ?? '',
        before === null ? 'none yet' : 'now',
        verb === 'install' ? 'with vc' : 'without vc',
      )
  return { cli, file, about, state: target.state(before), before, after, diff }
}

/** What `install` or `remove` would change, CLI by CLI. Throws VcError for a file that is foreign or cannot be read. */
export const planHooks = (at: Surroundings, verb: HookVerb, clis: readonly string[] = []): readonly HookChange[] =>
  chosen(hookTargets(at), clis).map((target) => changeOf(target, verb, at))
