import type { NothingThere } from './nothing-there.ts'

/** Why no checkout is known. */
export const NO_REPOS: NothingThere = {
  what: 'repositories',
  sources: ['git', 'ru'],
  none: [
    'not_collected',
    'no repository is known: no agent has worked in one yet, and ru lists none',
    'start an agent in one, or list it in ru',
  ],
}

interface RepoNeeds {
  readonly state: string | null
  readonly conflicted: number | null
  readonly mismatch: boolean | null
  readonly ahead: number | null
  readonly behind: number | null
  readonly dirty: boolean | null
}

/** The higher, the sooner it wants a look: conflicts, then work that only one disk holds, then what is behind. */
export const repoUrgency = (one: RepoNeeds): number =>
  ((one.conflicted ?? 0) ? 32 : 0) +
  (one.state !== 'ok' || one.mismatch === true ? 16 : 0) +
  ((one.ahead ?? 0) > 0 && (one.behind ?? 0) > 0 ? 8 : 0) +
  ((one.ahead ?? 0) > 0 ? 4 : 0) +
  (one.dirty === true ? 2 : 0) +
  ((one.behind ?? 0) > 0 ? 1 : 0)
