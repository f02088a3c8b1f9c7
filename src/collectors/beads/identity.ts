import { sha256 } from '../../core/ids.ts'
import type { Row } from '../../core/rows.ts'
import { textCell } from '../row-cells.ts'

const parentOf = (path: string): string => path.slice(0, Math.max(1, path.lastIndexOf('/'))) || '/'

/** The checkout a folder lies in, by the rows of `repos`; null where git knows none. */
export function checkoutOf(folder: string, repos: ReadonlyMap<string, Row>): Row | null {
  for (let at = folder; ; at = parentOf(at)) {
    const found = repos.get(at)
    if (found) return found
    if (at === '/' || at === '') return null
  }
}

export interface Identity {
  readonly repoId: string
  readonly gitRepoId: string | null
  readonly name: string | null
}

/** Same project, same id on every machine: by the project id of bd, else by what git calls it, else by machine and path. */
export function identityOf(
  place: { readonly projectId: string | null; readonly folder: string; readonly machineId: string },
  repos: ReadonlyMap<string, Row>,
): Identity {
  const checkout = checkoutOf(place.folder, repos)
  const gitRepoId = textCell(checkout?.repo_id)
  const last = place.folder.split('/').at(-1)
  return {
    repoId:
      place.projectId === null
        ? (gitRepoId ?? sha256(`${place.machineId}:${place.folder}`))
        : projectRepoId(place.projectId),
    gitRepoId,
    name: textCell(checkout?.name) ?? (last || null),
  }
}

export const projectRepoId = (projectId: string): string => sha256(`beads:${projectId}`)
