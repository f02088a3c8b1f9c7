import { paintBorder } from '../../paint/border.ts'
import type { FilterBar } from '../../screen.ts'
import { cell } from '../../view/cell.ts'
import { span } from '../../view/line.ts'
import { type Field, fieldLine, fieldOf, typed } from '../field.ts'
import type { Layer } from '../layer.ts'

/** What is known to choose from. */
export interface FilterChoices {
  readonly machine: readonly string[]
  readonly repo: readonly string[]
  readonly provider: readonly string[]
}

interface FilterTold {
  readonly filter: FilterBar
  choices(): FilterChoices
  done(filter: FilterBar): void
  cancel(): void
}

const NAMES = ['machine', 'repo', 'provider', 'hours'] as const
type Name = (typeof NAMES)[number]

const HOURS = ['1', '6', '24', '72', '168', '720']

/** Hours as typed: `6`, `6h`, `2d`; null when it is no span. */
export const hoursOf = (text: string): number | null => {
  const match = /^\s*(\d{1,4})\s*([hdw]?)\s*$/i.exec(text)
  if (match === null) return null
  const unit = { d: 24, w: 168 }[(match[2] ?? '').toLowerCase()] ?? 1
  const hours = Number(match[1]) * unit
  return hours >= 1 && hours <= 8_784 ? hours : null
}

const text = (value: string): string | null => (value.trim() === '' ? null : value.trim())

/** Machine, repo, provider and time: what every screen narrows what it shows by. */
export const filterLayer = (told: FilterTold): Layer => {
  const fields: Record<Name, Field> = {
    machine: fieldOf(told.filter.machine ?? ''),
    repo: fieldOf(told.filter.repo ?? ''),
    provider: fieldOf(told.filter.provider ?? ''),
    hours: fieldOf(String(told.filter.hours)),
  }
  let at = 0
  let wrong: string | null = null
  const name = (): Name => NAMES[at] ?? 'machine'

  const choose = (by: number): void => {
    const known = name() === 'hours' ? HOURS : ['', ...told.choices()[name() as 'machine' | 'repo' | 'provider']]
    const now = known.indexOf(fields[name()].text)
    fields[name()] = fieldOf(known[(Math.max(0, now) + by + known.length) % known.length] ?? '')
  }
  const take = (): void => {
    const hours = hoursOf(fields.hours.text)
    if (hours === null) {
      at = 3
      wrong = `'${fields.hours.text}' is no span: hours such as 6, or 2d, 1w`
      return
    }
    told.done({
      machine: text(fields.machine.text), repo: text(fields.repo.text), provider: text(fields.provider.text), hours,
      text: told.filter.text,
    }) // biome-ignore format: a row
  }
  const KEYS: Readonly<Record<string, () => void>> = {
    enter: take,
    esc: () => told.cancel(),
    'ctrl-c': () => told.cancel(),
    tab: () => {
      at = (at + 1) % NAMES.length
    },
    'shift-tab': () => {
      at = (at + NAMES.length - 1) % NAMES.length
    },
    down: () => choose(1),
    up: () => choose(-1),
    'ctrl-x': () => {
      for (const one of NAMES) fields[one] = fieldOf(one === 'hours' ? '24' : '')
    },
  }
  return {
    id: 'filter',
    place: ({ columns, rows }) => ({ x: 0, y: Math.max(0, rows - 7), width: columns, height: Math.min(6, rows) }),
    hints: [
      { keys: 'Tab', says: 'next' },
      { keys: '↑ ↓', says: 'what is known' },
      { keys: 'Ctrl-X', says: 'clear all' },
      { keys: 'Enter', says: 'apply' },
      { keys: 'Esc', says: 'give up' },
    ],
    paint(surface) {
      const { width } = surface.at
      paintBorder(surface, {
        title: 'Filter',
        focused: true,
        ...(wrong === null ? {} : { note: [span(wrong, 'bad')] }),
      })
      NAMES.forEach((one, index) => {
        const shown =
          index === at
            ? fieldLine(fields[one], width - 16)
            : [span(fields[one].text === '' ? 'all' : fields[one].text, fields[one].text === '' ? 'muted' : 'plain')]
        surface.put(
          1,
          index + 1,
          [
            span(index === at ? ' › ' : '   ', 'accent'),
            span(cell(one, 10), index === at ? 'strong' : 'muted'),
            ...shown,
          ],
          width - 2,
        )
      })
    },
    press(input) {
      wrong = null
      const act = input.kind === 'key' ? KEYS[input.key] : undefined
      if (act !== undefined) return act()
      fields[name()] = typed(fields[name()], input) ?? fields[name()]
    },
  }
}
