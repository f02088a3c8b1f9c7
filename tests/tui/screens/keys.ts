import type { Screen, ScreenView, Wish } from '../../../src/tui/screen.ts'

/** What a key of a screen wants now; throws with the reason when it is blocked or unknown. */
export const press = (screen: Screen, view: ScreenView, key: string): Wish | null => {
  const found = screen.keys.find(({ keys }) => keys.includes(key))
  if (found === undefined) throw new Error(`${screen.id} has no key ${key}`)
  const model = screen.model(view)
  const blocked = found.blockedBy?.(model, view) ?? null
  if (blocked !== null) throw new Error(blocked)
  return found.act(model, view)
}

/** What Enter on a row leads to. */
export const enter = (screen: Screen, view: ScreenView, panel: string, row: string): Wish | null =>
  screen.open?.(panel, row, screen.model(view), view) ?? null

/** What becomes of a line that was typed into a prompt. */
export const typed = (wish: Wish | null, line: string): Wish => {
  if (wish?.wish !== 'prompt') throw new Error('nothing was asked for')
  return wish.then(line)
}

/** Row ids of a list, in order. */
export const rowIds = (screen: Screen, view: ScreenView, panel: string): readonly string[] => {
  const found = screen.panels(screen.model(view), { columns: 200, rows: 50 }, view).find(({ id }) => id === panel)
  return found?.kind === 'list' ? found.rows.map(({ id }) => id) : []
}
