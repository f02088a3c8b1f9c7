import type { News } from './lane.ts'

/** Sources that look at the folders agents work in. */
const SOURCES = ['git', 'beads'] as const

/** Makes a source of a machine due before its turn; false when it was looked at just now and has to be told again later. */
export type Hasten = (machineId: string, source: string, news: News) => boolean

/** Tells the sources of folders when there is something to see before their turn. */
export interface FolderWatch {
  /** Agents of this machine work in these folders now: one that was not among them is looked at soon. */
  workIn(machineId: string, folders: ReadonlySet<string>): void
  /** An agent of this machine ended a turn, and probably changed something. */
  turnEnded(machineId: string): void
}

export const watchFolders = (hasten: Hasten): FolderWatch => {
  const told = SOURCES.map((source) => ({ source, folders: new Map<string, ReadonlySet<string>>() }))
  return {
    workIn(machineId, now) {
      for (const { source, folders } of told) {
        const before = folders.get(machineId) ?? new Set()
        const isTold = now.isSubsetOf(before) || hasten(machineId, source, 'new')
        // What was left is forgotten: who comes back to it has probably changed it.
        folders.set(machineId, isTold ? now : now.intersection(before))
      }
    },
    turnEnded(machineId) {
      for (const source of SOURCES) hasten(machineId, source, 'changed')
    },
  }
}
