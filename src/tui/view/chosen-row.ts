import type { ScreenView } from '../screen.ts'

/** The id that is chosen in a list: what a person chose while it is there, else the first. */
export const chosenRow = (view: ScreenView, panel: string, ids: readonly string[]): string | null => {
  const wanted = view.chosen[panel]
  return wanted !== undefined && ids.includes(wanted) ? wanted : (ids[0] ?? null)
}
