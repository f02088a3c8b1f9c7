import type { repos } from '../../../queries/repos.ts'
import { repoUrgency } from '../../../queries/rows-repos.ts'
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

export const reposAsks = (): readonly ScreenAsk[] => [
  { as: 'repos', topic: 'repos', params: { limit: 5000 }, everyMs: 5_000 },
]

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
          repoUrgency(b) - repoUrgency(a) ||
          (b.last_commit ?? '').localeCompare(a.last_commit ?? '') ||
          keyOf(a).localeCompare(keyOf(b)),
      ),
  }
}
