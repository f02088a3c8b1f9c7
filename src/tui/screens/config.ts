import type { Panel, Size } from '../panel.ts'
import { defineScreen, type ScreenKey, type ScreenView } from '../screen.ts'
import { beside, stack, whole } from '../view/arrange.ts'
import { chosenRow } from '../view/chosen-row.ts'
import { settingPanel, settingsPanel } from './config/agents-tab.ts'
import {
  type ConfigModel,
  changedOnly,
  configAsks,
  configModel,
  type OwnKey,
  type SettingRow,
  TABS,
  tabOf,
} from './config/model.ts'
import { keyPanel, keysPanel } from './config/own-tab.ts'
import { after } from './events/model.ts'

const WIDE = 150

const chosenRowOf = (model: ConfigModel, view: ScreenView): SettingRow | null => {
  const id = chosenRow(
    view,
    'settings',
    model.rows.map(({ key }) => key),
  )
  return model.rows.find(({ key }) => key === id) ?? null
}

const chosenKey = (model: ConfigModel, view: ScreenView): OwnKey | null => {
  const id = chosenRow(
    view,
    'keys',
    model.keys.map(({ path }) => path),
  )
  return model.keys.find(({ path }) => path === id) ?? null
}

const panels = (model: ConfigModel, size: Size, view: ScreenView): readonly Panel[] => {
  const area = whole(size)
  const [list = area, detail = area] =
    size.columns >= WIDE && model.tab === 'vc'
      ? beside(area, { part: 5 }, { part: 3 })
      : stack(area, { part: 1, least: 8 }, Math.min(12, Math.max(7, Math.floor(size.rows / 3))))
  return model.tab === 'vc'
    ? [keysPanel(model, list, view), keyPanel(model, chosenKey(model, view), detail, view)]
    : [settingsPanel(model, list, view), settingPanel(model, chosenRowOf(model, view), detail, view)]
}

/** Why a key of vc.toml cannot be edited here; null when it can. */
const locked = (model: ConfigModel, view: ScreenView): string | null => {
  if (model.tab !== 'vc') return 'vc changes no settings of agents; its own are in the other tab (s)'
  const key = chosenKey(model, view)
  if (key === null) return 'no key is chosen'
  return key.now === null ? 'it stands in a list of blocks: edit the file, or vc machines add' : null
}

const own = (
  key: string,
  says: string,
  act: (key: OwnKey) => ReturnType<ScreenKey<ConfigModel>['act']>,
): ScreenKey<ConfigModel> => ({
  keys: [key],
  says,
  blockedBy: locked,
  act: (model, view) => {
    const chosen = chosenKey(model, view)
    return chosen === null ? null : act(chosen)
  },
})

/** What agents are set to, scope beside scope; and vc's own configuration, edited through lint. */
export const config = defineScreen<ConfigModel>({
  id: 'config',
  key: 'o',
  title: 'Config',
  about: 'Settings of agents by scope, changes since yesterday marked; the other tab is vc.toml, edited through lint.',
  asks: configAsks,
  model: configModel,
  panels,
  keys: [
    {
      keys: ['s'],
      says: 'settings of agents, or vc.toml',
      act: (_model, view) => ({ wish: 'option', name: 'config.tab', value: after(TABS, tabOf(view)) }),
    },
    {
      keys: ['d'],
      says: 'only what changed or is set, or all',
      act: (_model, view) => ({ wish: 'option', name: 'config.only', value: changedOnly(view) ? 'all' : 'changed' }),
    },
    own('e', 'edit the key', (key) => ({
      wish: 'prompt',
      title: `${key.path} (${key.type}; now ${key.now})`,
      // biome-ignore lint/suspicious/noThenProperty: a wish is data, nobody awaits it
      then: (line) =>
        line.trim() === ''
          ? {
              wish: 'detail',
              title: key.path,
              text: 'Nothing was written: the line is empty. u takes the key out of the file.',
            }
          : { wish: 'run', argv: ['config', 'set', '--reload', '--', key.path, line.trim()], title: `Set ${key.path}` },
    })),
    own('u', 'back to its default', (key) => ({
      wish: 'run',
      argv: ['config', 'unset', '--reload', key.path],
      title: `Unset ${key.path}`,
    })),
    {
      keys: ['L'],
      says: 'lint the file',
      act: () => ({ wish: 'run', argv: ['config', 'lint'], title: 'Lint' }),
    },
    {
      keys: ['R'],
      says: 'take the file up',
      act: () => ({ wish: 'run', argv: ['config', 'reload'], title: 'Take the file up' }),
    },
  ],
  open: (panel, row, model) => {
    if (panel === 'keys') return { wish: 'run', argv: ['config', 'explain', row], title: row }
    const found = model.rows.find(({ key }) => key === row)
    return found === undefined ? null : { wish: 'go', screen: 'machine', chosen: { machines: found.machine } }
  },
})
