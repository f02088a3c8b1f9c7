import type { FilterBar } from '../screen.ts'

/** Whether the text of `/` stands in one of these, without regard to case. */
export const found = (filter: Pick<FilterBar, 'text'>, ...texts: readonly (string | null | undefined)[]): boolean => {
  const wanted = filter.text.trim().toLowerCase()
  return wanted === '' || texts.some((text) => text?.toLowerCase().includes(wanted))
}

/** Whether a row of this machine is shown. */
export const onMachine = (filter: Pick<FilterBar, 'machine'>, machine: string | null): boolean =>
  filter.machine === null || machine === filter.machine

/** Why a list is empty though there are rows: the filter hides them. Null when nothing is hidden. */
export const hiddenWords = (all: number, what: string): { readonly why: string; readonly fill: string } | null =>
  all === 0 ? null : { why: `The filter hides all ${all} ${what}.`, fill: 'X drops the filter, Esc the search.' }
