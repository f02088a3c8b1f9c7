import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Surroundings } from '../../config/index.ts'
import { hookPlaces, hookTargets, textOf } from './places.ts'
import type { HookState } from './target.ts'
import { TEE_SCRIPT } from './tee-script.ts'

export interface HookCheck {
  readonly cli: string
  readonly file: string
  readonly state: HookState
  /** When vc last heard of this CLI through its hooks; null: never. */
  readonly lastEventAt: string | null
}

export interface HookReport {
  readonly tee: 'ready' | 'absent' | 'not_executable' | 'altered'
  readonly teePath: string
  readonly checks: readonly HookCheck[]
  /** Sentences with what to do; empty when all is as it should be. */
  readonly problems: readonly { readonly message: string; readonly fix: string }[]
}

const TAIL_FILES = 3

/** CLI to the time of its newest line, from the newest days. */
function lastEvents(dir: string): ReadonlyMap<string, string> {
  const last = new Map<string, string>()
  if (!existsSync(dir)) return last
  const days = readdirSync(dir)
    .filter((name) => /^\d{4}-\d\d-\d\d\.jsonl$/.test(name))
    .sort()
    .slice(-TAIL_FILES)
  for (const day of days) {
    for (const line of readFileSync(join(dir, day), 'utf8').split('\n')) {
      const match = /^\{"ts":"([^"]{20})","v":1,"cli":"([a-z]+)"/.exec(line)
      if (match?.[1] && match[2]) last.set(match[2], match[1])
    }
  }
  return last
}

const teeState = (tee: string): HookReport['tee'] => {
  const found = statSync(tee, { throwIfNoEntry: false })
  if (found === undefined) return 'absent'
  if (readFileSync(tee, 'utf8') !== TEE_SCRIPT) return 'altered'
  return (found.mode & 0o100) === 0 ? 'not_executable' : 'ready'
}

const FIX = 'run: vc hooks install'

const problemsOf = (tee: HookReport['tee'], checks: readonly HookCheck[]): HookReport['problems'] => {
  const installed = checks.some(({ state }) => state !== 'none')
  const orphans =
    installed && tee !== 'ready'
      ? [{ message: `the tee is ${tee.replace('_', ' ')}: hooks tell nothing`, fix: FIX }]
      : []
  const stripped = checks
    .filter(
      ({ state, lastEventAt }) => state === 'some' || (state === 'none' && lastEventAt !== null && tee === 'ready'),
    )
    .map(({ file, state }) => ({
      message:
        state === 'some'
          ? `${file} holds only a part of vc's entries, or older ones`
          : `${file} lost vc's entries, probably to a running session that rewrote it`,
      fix: `${FIX} (or vc hooks remove)`,
    }))
  return [...orphans, ...stripped]
}

/** How the hooks stand: whether something took entries out, whether the tee is what vc wrote, when it was last heard. */
export function verifyHooks(at: Surroundings): HookReport {
  const { tee: teePath, events } = hookPlaces(at)
  const last = lastEvents(events)
  const checks = hookTargets(at).map((target) => ({
    cli: target.cli,
    file: target.file,
    state: target.state(textOf(target, at)),
    lastEventAt: last.get(target.cli) ?? null,
  }))
  const tee = teeState(teePath)
  return { tee, teePath, checks, problems: problemsOf(tee, checks) }
}
