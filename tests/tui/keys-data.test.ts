import { describe, expect, test } from 'vitest'
import { keyName } from '../../src/tui/app/key-names.ts'
import { appKeys, RESERVED } from '../../src/tui/app/keys.ts'
import { loadScreens, screenEntries } from '../../src/tui/screens/index.ts'

const screens = await loadScreens()

describe('keys are data', () => {
  test('no key of the cockpit stands twice', () => {
    const all = appKeys.flatMap(({ keys }) => keys)
    expect(all.filter((key, at) => all.indexOf(key) !== at)).toEqual([])
  })

  test.each(screens.map((screen) => [screen.id, screen] as const))(
    '%s takes no key one needs to find out again, and none twice',
    (_, screen) => {
      const keys = screen.keys.flatMap((key) => key.keys.map(keyName))
      expect(keys.filter((key) => RESERVED.includes(key))).toEqual([])
      expect(keys.filter((key, at) => keys.indexOf(key) !== at)).toEqual([])
    },
  )

  test('the bar names screens as they name themselves, each key once', () => {
    expect(screenEntries.map(({ id, key, title }) => ({ id, key, title }))).toEqual(
      screens.map(({ id, key, title }) => ({ id, key, title })),
    )
    const keys = screens.map(({ key }) => key)
    expect(new Set(keys).size).toBe(keys.length)
    expect(keys.filter((key) => key === 'g')).toEqual([])
  })
})
