// CSI, OSC and two-byte escapes; capture-pane -e leaves only SGR, replayed recordings may hold more.
const ESCAPES = /\u001b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-_])/g

// Bounds every rule's work: a hostile line must not cost more than a long one.
const MAX_LINE = 500
const MAX_TEXT = 8_000

/** Screen text as lines: no escapes, NBSP as space, `\r` overwrites applied, trailing blanks gone, empty bottom cut. */
export function screenLines(screen: string): readonly string[] {
  const lines = screen
    .slice(-200_000)
    .replace(ESCAPES, '')
    .split('\n')
    .map((line) => {
      const overwritten = line.replace(/\r$/, '')
      return overwritten
        .slice(overwritten.lastIndexOf('\r') + 1)
        .slice(0, MAX_LINE)
        .replaceAll('\u00a0', ' ')
        .trimEnd()
    })
  while (lines.length > 0 && lines.at(-1)?.trim() === '') lines.pop()
  return lines.slice(-200)
}

export const squeeze = (lines: readonly string[]): string =>
  lines
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(' ')
    .slice(0, MAX_TEXT)
    .replace(/\s+/g, ' ')

/** Lines without box edges (`│ … │`, `╭─╮`), so that text in frames reads like text. */
export const unboxed = (lines: readonly string[]): readonly string[] =>
  lines
    .map((line) => line.replace(/^\s*[│┃]\s?/, '').replace(/\s*[│┃]\s*$/, ''))
    .filter((line) => !/^\s*[╭╰├╮╯]?[─━╌]{3,}/.test(line))

/** Groups of lines separated by blank lines. */
export function paragraphs(lines: readonly string[]): readonly (readonly string[])[] {
  const groups: string[][] = [[]]
  for (const line of lines) {
    if (line.trim() === '') groups.push([])
    else groups.at(-1)?.push(line)
  }
  return groups.filter((group) => group.length > 0)
}

/** Index of the last line that passes, or -1. */
export const lastIndex = (lines: readonly string[], test: (line: string, index: number) => boolean): number =>
  lines.findLastIndex((line, index) => test(line, index))

/** `user@host:~/dir$`, `~/dir %`, `$`, `#`, `❯`-free: the last line of a shell that waits. */
export const isShellPrompt = (line: string): boolean =>
  /^(\([\w.-]+\) )?\[?[\w.-]+@[\w.-]+[: ][^$#%]*\]?[$#%]\s*$/.test(line) ||
  /^\s{0,1}[$#%]$/.test(line) ||
  /^[~/][^\s]*\s?[$#%]$/.test(line)
