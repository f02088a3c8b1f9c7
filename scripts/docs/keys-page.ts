import { keyName, keyText } from '../../src/tui/app/key-names.ts'
import { appKeys } from '../../src/tui/app/keys.ts'
import { screenKeyText } from '../../src/tui/app/tabs.ts'
import type { Screen } from '../../src/tui/screen.ts'
import { loadScreens } from '../../src/tui/screens/index.ts'
import { STATE_SIGNS } from '../../src/tui/view/state-sign.ts'

const code = (key: string): string => (key === '`' ? '`` ` ``' : `\`${keyText(keyName(key)).replaceAll('|', '\\|')}\``)

const row = (keys: readonly string[], says: string): string =>
  `| ${keys.map(code).join(' ')} | ${says.replaceAll('|', '\\|')} |`

const table = (rows: readonly string[]): string => ['| key | does |', '| --- | --- |', ...rows].join('\n')

const screenPart = (screen: Screen): string => {
  const head = `### \`${screenKeyText(screen)}\` ${screen.title}\n\n${screen.about}`
  return screen.keys.length === 0 ? head : `${head}\n\n${table(screen.keys.map(({ keys, says }) => row(keys, says)))}`
}

const groups = [...new Set(appKeys.map(({ group }) => group))]

const isDigit = (keys: readonly string[]): boolean => /^\d$/.test(keys[0] ?? '')

const groupPart = (group: string): string => {
  const keys = appKeys.filter((key) => key.group === group && !isDigit(key.keys))
  return `### ${group}\n\n${table(keys.map(({ keys: names, says }) => row(names, says)))}`
}

/** docs/keys.md: the same data as the footer and the help inside. */
export const keysPage = async (): Promise<string> => {
  const screens = await loadScreens()
  const signs = Object.values(STATE_SIGNS).map(({ sign, words }) => `| \`${sign}\` | ${words} |`)
  return `${[
    '# Keys of the cockpit',
    'Written by `npm run docs` from the same data as the footer and the help (`?`) inside; not edited by hand.',
    '`vc tui` opens it, and so does `npm start` on a terminal. What a digit or `g` and a letter open stands at each screen below. A terminal that was left broken by force (`kill -9`) is mended by `reset`.',
    '## Everywhere',
    ...groups.map(groupPart),
    '## Screens',
    ...screens.map(screenPart),
    '## Signs of agents',
    ['| sign | state |', '| --- | --- |', ...signs].join('\n'),
  ].join('\n\n')}\n`
}
