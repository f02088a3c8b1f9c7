import { squeeze, unboxed } from './lines.ts'
import type { Dialog } from './zones.ts'

const OPTION = /^\s*(?:[❯›●>]\s*)?(\d{1,2})\.\s+(\S.*)$/
const SELECTED = /^\s*[❯›●]\s+(?:\d{1,2}\.\s+)?\S/

export const isSelectedOption = (line: string): boolean =>
  SELECTED.test(line) && (OPTION.test(line) || /^\s*[❯›●]\s+(Yes|No)\b/.test(line))

/** Numbered labels, continuation lines joined; plain `Yes`/`No` rows where the dialog has no numbers. */
export function optionsOf(lines: readonly string[]): readonly string[] {
  const options: string[] = []
  for (const line of lines) {
    const label = OPTION.exec(line)?.[2] ?? /^\s*(?:[❯›●]\s+)?((?:Yes|No)\b.*)$/.exec(line)?.[1]
    if (label !== undefined) options.push(label.trim())
    else if (options.length > 0 && /^\s{4,}\S/.test(line))
      options.push(`${options.pop() ?? ''} ${line.trim()}`.slice(0, 300))
    else if (options.length > 0 && line.trim() === '') break
  }
  return options
}

/**
 * Where the options begin: the last list, because a command or plan above it may hold lists of its own. Rows without numbers
 * also stand above the selected one.
 */
const optionsAt = (lines: readonly string[]): number => {
  const numbered = lines.findLastIndex((line) => OPTION.exec(line)?.[1] === '1')
  if (numbered !== -1) return numbered
  let at = lines.findIndex((line) => OPTION.test(line) || isSelectedOption(line))
  while (!OPTION.test(lines[at] ?? '') && at > 0 && /^\s{2,}(Yes|No)\b/.test(lines[at - 1] ?? '')) at -= 1
  return at
}

/** A dialog from its lines: heading, everything up to the first option, labels. Lengths are bounded. */
export function dialogOf(raw: readonly string[]): Dialog {
  const lines = unboxed(raw)
  const firstOption = optionsAt(lines)
  const body = lines.slice(0, firstOption === -1 ? lines.length : firstOption)
  const heading = body.find((line) => line.trim() !== '') ?? ''
  return {
    title: heading.trim().slice(0, 200),
    body: body
      .map((line) => line.trim())
      .join('\n')
      .trim()
      .slice(0, 4_000),
    options: optionsOf(lines.slice(firstOption === -1 ? lines.length : firstOption)),
  }
}

export const dialogText = (raw: readonly string[]): string => squeeze(unboxed(raw)).slice(-6_000)
