import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ensureOwnDir, makeDir, replaceOwnFile, type Surroundings } from '../../config/index.ts'
import { VcError } from '../../core/errors.ts'
import { hookPlaces, hookTargets, realFile, textOf } from './places.ts'
import { type HookChange, type HookVerb, planHooks } from './plan.ts'
import { TEE_SCRIPT } from './tee-script.ts'

export interface HookEffect {
  readonly cli: string
  readonly file: string
  readonly outcome: 'done' | 'unchanged'
  /** Where the previous text lies; null when there was none. */
  readonly backup: string | null
}

const stampOf = (now: Date): string => now.toISOString().replace(/[-:]/g, '').slice(0, 15)

const writeTee = (at: Surroundings): void => {
  const { dir, tee, events } = hookPlaces(at)
  ensureOwnDir(dir, at.uid)
  ensureOwnDir(events, at.uid)
  if (existsSync(tee) && readFileSync(tee, 'utf8') === TEE_SCRIPT) return
  // a new file under the old name: a shell that is reading the old one goes on reading it
  rmSync(tee, { force: true })
  writeFileSync(tee, TEE_SCRIPT, { mode: 0o700, flag: 'wx' })
  chmodSync(tee, 0o700)
}

function applyChange(change: HookChange, at: Surroundings, now: Date): HookEffect {
  const { cli, before, after } = change
  const file = realFile(change.file)
  if (after === null || after === before) return { cli, file, outcome: 'unchanged', backup: null }
  const { backups } = hookPlaces(at)
  ensureOwnDir(backups, at.uid)
  const backup = join(backups, `${cli}-${stampOf(now)}`)
  if (before === null) makeDir(dirname(file))
  replaceOwnFile(file, before, after, at.uid, backup)
  return { cli, file, outcome: 'done', backup: before === null ? null : backup }
}

const confirm = (change: HookChange, verb: HookVerb, at: Surroundings): void => {
  const target = hookTargets(at).find(({ cli }) => cli === change.cli)
  const state = target?.state(textOf(target, at))
  const wanted = verb === 'install' ? 'all' : 'none'
  if (state === wanted || state === undefined) return
  throw new VcError(
    'hooks_not_observed',
    `${change.file} does not read as it was written`,
    'a running session may have rewritten it: end it, then try again',
  )
}

/**
 * Writes what `planHooks` showed, one file after the other, each with a backup, and reads it back. The tee comes first and
 * leaves last, so that no entry ever points to nothing.
 */
export function applyHooks(
  at: Surroundings,
  verb: HookVerb,
  clis: readonly string[],
  now: Date,
): readonly HookEffect[] {
  const changes = planHooks(at, verb, clis)
  if (verb === 'install' && changes.length > 0) writeTee(at)
  const effects = changes.map((change) => {
    const effect = applyChange(change, at, now)
    confirm(change, verb, at)
    return effect
  })
  if (verb === 'remove' && hookTargets(at).every((target) => target.state(textOf(target, at)) === 'none')) {
    rmSync(hookPlaces(at).tee, { force: true })
  }
  return effects
}
