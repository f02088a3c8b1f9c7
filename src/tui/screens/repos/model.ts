import type { repos } from '../../../queries/repos.ts'
import type { ScreenAsk, ScreenView } from '../../screen.ts'
import { type DataOf, dataOf } from '../../view/answer-data.ts'
import { found, onMachine } from '../../view/narrowed.ts'

type Repos = DataOf<typeof repos>
export type Checkout = Repos['repos'][number]
export type OpenItem = Repos['github'][number]

export interface ReposModel {
  readonly repos: readonly Checkout[]
  readonly all: number
  readonly onlyOpen: boolean
  readonly everywhere: readonly Checkout[]
  readonly github: readonly OpenItem[]
}

export const keyOf = (one: Checkout): string => `${one.machine} ${one.path}`

/** Whether somebody has to do something with it. */
export const isOpen = (one: Checkout): boolean =>
  one.dirty === true ||
  (one.ahead ?? 0) > 0 ||
  (one.behind ?? 0) > 0 ||
  (one.conflicted ?? 0) > 0 ||
  (one.stashes ?? 0) > 0 ||
  one.mismatch === true ||
  one.state !== 'ok'

/** The higher, the sooner it wants a look: conflicts, then work that only one disk holds, then what is behind. */
const urgency = (one: Checkout): number =>
  ((one.conflicted ?? 0) ? 32 : 0) +
  (one.state !== 'ok' || one.mismatch === true ? 16 : 0) +
  ((one.ahead ?? 0) > 0 && (one.behind ?? 0) > 0 ? 8 : 0) +
  ((one.ahead ?? 0) > 0 ? 4 : 0) +
  (one.dirty === true ? 2 : 0) +
  ((one.behind ?? 0) > 0 ? 1 : 0)

export const reposAsks = (): readonly ScreenAsk[] => [{ as: 'repos', topic: 'repos', everyMs: 5_000 }]

export const reposModel = (view: ScreenView): ReposModel => {
  const data = dataOf<Repos>(view, 'repos')
  const all = data?.repos ?? []
  const onlyOpen = view.options['repos.only'] === 'open'
  const wanted = view.filter.repo
  return {
    all: all.length,
    onlyOpen,
    everywhere: all,
    github: data?.github ?? [],
    repos: all
      .filter(
        (one) =>
          onMachine(view.filter, one.machine) &&
          (wanted === null || [one.name, one.repo, one.path].includes(wanted)) &&
          found(view.filter, one.name, one.path, one.branch, one.url, one.machine) &&
          (!onlyOpen || isOpen(one)),
      )
      .toSorted(
        (a, b) =>
          urgency(b) - urgency(a) ||
          (b.last_commit ?? '').localeCompare(a.last_commit ?? '') ||
          keyOf(a).localeCompare(keyOf(b)),
      ),
  }
}
