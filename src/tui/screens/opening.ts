import type { Screen } from '../screen.ts'
import { screenEntries } from './index.ts'

const waiting = ({ id, key, title }: (typeof screenEntries)[number]): Screen => ({
  id,
  key,
  title,
  about: '',
  asks: () => [],
  model: () => null,
  panels: (_, { columns, rows }) => [
    {
      kind: 'text',
      id: 'waiting',
      title,
      at: { x: 0, y: 0, width: columns, height: rows },
      lines: [],
      empty: { why: 'This screen is being opened …', fill: '' },
    },
  ],
  keys: [],
})

/**
 * Screens for the first picture: the one that is wanted is loaded, the others only stand in the bar. `rest` loads them,
 * one after the other, so that keys are answered in between. An unknown name is the first screen.
 */
export const openScreens = async (wanted: string | undefined) => {
  const screens: Screen[] = screenEntries.map(waiting)
  const load = async (at: number): Promise<void> => {
    const screen = await screenEntries[at]?.load()
    if (screen !== undefined) screens[at] = screen
  }
  const first = Math.max(
    0,
    screenEntries.findIndex(({ id }) => id === wanted),
  )
  await load(first)
  return {
    screens: screens as readonly Screen[],
    async rest(loaded: () => void): Promise<void> {
      for (let at = 0; at < screens.length; at += 1) {
        if (at === first) continue
        await load(at)
        await new Promise((resolve) => setImmediate(resolve))
        loaded()
      }
    },
  }
}
