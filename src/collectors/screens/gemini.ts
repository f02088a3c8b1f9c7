import { dialogOf, dialogText } from './dialog.ts'
import { isShellPrompt, lastIndex, paragraphs, squeeze } from './lines.ts'
import type { ScreenBook, ScreenRule, Zones } from './zones.ts'

const TOP = /^\s?[╭]─/
const BOTTOM = /^\s?╰─/
const SELECTED = /^\s?│\s+●\s+\d{1,2}\.\s|^\s*●\s+\d{1,2}\.\s/
const BAR = /^\s*[▄▀]{8,}/
const isInput = (line: string): boolean => /^\s*(│\s*)?[>!*]\s{1,3}(\S|$)/.test(line) || /Type your message/.test(line)

/** Below 24-bit colour there are no bars: prompts stand between rows that are blank but for their background. */
const withoutBars = (lines: readonly string[]): boolean => !lines.some((line) => BAR.test(line))
const isBlank = (line: string | undefined): boolean => (line ?? '').trim() === ''
const HINT = /^\s*(Shift\+Tab to |YOLO|auto-accept|\? for shortcuts)/i

const isUnbarredInput = (line: string, index: number, lines: readonly string[]): boolean =>
  isInput(line) &&
  isBlank(lines[index - 1]) &&
  HINT.test(lines.slice(0, index).findLast((other) => !isBlank(other)) ?? '')

/** The input stands between half-block bars (or in an old box); history prompts do too, so the last one is meant. */
const inputAt = (lines: readonly string[]): number => {
  const barred = lastIndex(lines, (line, index) => isInput(line) && BAR.test(lines[index - 1] ?? ''))
  const unbarred = withoutBars(lines) ? lastIndex(lines, (line, index) => isUnbarredInput(line, index, lines)) : -1
  return Math.max(
    barred,
    unbarred,
    lastIndex(lines, (line) => /Type your message/.test(line)),
  )
}

const dialogStart = (lines: readonly string[]): number | null => {
  const selected = lastIndex(lines, (line) => SELECTED.test(line))
  if (selected === -1) return null
  const close = lines.findIndex((line, index) => index > selected && BOTTOM.test(line))
  const after = lines.slice(close === -1 ? selected + 1 : close + 1).filter((line) => line.trim() !== '')
  if (after.some((line) => isInput(line) || BAR.test(line)) || (close !== -1 && after.length > 3)) return null
  const top = lastIndex(lines.slice(0, selected), (line) => TOP.test(line))
  return top === -1 ? Math.max(0, selected - 20) : top
}

const isHistoryPrompt = (line: string, index: number, lines: readonly string[]): boolean =>
  /^\s*>\s/.test(line) &&
  (BAR.test(lines[index - 1] ?? '') ||
    BAR.test(lines[index + 1] ?? '') ||
    // an answer's own quotes are indented by two
    (/^\s>\s/.test(line) && isBlank(lines[index - 1]) && isBlank(lines[index + 1]) && withoutBars(lines)))

const CHROME = /\? for shortcuts\s*$|^\s*─{8,}|^\s*(Shift\+Tab|YOLO|auto-accept)|^\s*[▄▀]{8,}|Ctrl\+C again/i

const BUSY = /\(esc to cancel|^\s*!\s+Shell awaiting input|^[\u2801-\u28ff] Compressing chat history/

function zones(lines: readonly string[]): Zones {
  const start = dialogStart(lines)
  const input = start === null ? inputAt(lines) : -1
  // With a dialog up, the newest barred line is history; at rest the input is the last barred line of all.
  const above = lines.slice(0, input === -1 ? lines.length : input)
  const prompt = lastIndex(above, (line, index) => isHistoryPrompt(line, index, above))
  const turn = above.slice(prompt + 1)
  const busy = turn.filter((line) => BUSY.test(line))
  const groups = paragraphs(turn.filter((line) => !CHROME.test(line) && !busy.includes(line)))
  const dialogLines = start === null ? null : lines.slice(start)
  return {
    dialog: dialogLines === null ? null : dialogOf(dialogLines),
    dialogText: dialogLines === null ? '' : dialogText(dialogLines),
    footer: squeeze(input === -1 ? [] : lines.slice(input + 1)),
    status: squeeze(busy.slice(-1)),
    block: groups.map(squeeze),
    composer: input !== -1,
    fresh: input !== -1 && prompt === -1 && turn.some((line) => /Tips for getting started|Gemini CLI v\d/.test(line)),
    shell: isShellPrompt(lines.at(-1) ?? ''),
  }
}

const V = '0.61'

const rules: readonly ScreenRule[] = [
  { id: 'exited', versions: V, where: 'shell', state: 'dead', reason: 'shell prompt' },
  // A menu somebody opened (/model, /settings) is closed; what Gemini asks is answered or cancelled.
  { id: 'menu', versions: V, where: 'dialog', shape: /Esc to close\)/, state: 'unknown', reason: 'menu open' },
  {
    id: 'quota',
    versions: V,
    where: 'dialog',
    shape: /(?:Usage limit reached|[Qq]uota)(?:.{0,200}(Access resets at [\w: ]{4,20}\.))?/,
    state: 'rate_limited',
    reason: 'quota dialog',
  },
  {
    id: 'approval',
    versions: V,
    where: 'dialog',
    shape:
      /Allow (once|execution|for this session)|Yes, allow|Apply this change|Do you want to proceed|[Tt]rust .{0,40}folder|Don't trust|No, suggest changes|Approve|Yes, /,
    state: 'needs_approval',
    reason: 'dialog',
  },
  { id: 'question', versions: V, where: 'dialog', state: 'asked_question', reason: 'dialog' },
  {
    id: 'silent_tool',
    versions: V,
    where: 'status',
    shape: /^! Shell awaiting input/,
    state: 'working',
    reason: 'silent tool',
  },
  {
    id: 'compressing',
    versions: V,
    where: 'status',
    shape: /^[\u2801-\u28ff] Compressing chat history/,
    state: 'working',
    reason: 'compressing',
  },
  { id: 'working', versions: V, where: 'status', shape: /\(esc to cancel/, state: 'working' },
  { id: 'cancelled', versions: V, where: 'last', shape: /^ℹ Request cancelled/, state: 'idle', reason: 'cancelled' },
  {
    id: 'limit',
    versions: V,
    where: 'block',
    shape: /^✕ \[API Error: .{0,200}(quota|429|RESOURCE_EXHAUSTED)/i,
    state: 'rate_limited',
    reason: 'quota',
  },
  { id: 'error', versions: V, where: 'block', shape: /^✕ \[?(API Error|Error)/, state: 'failed', reason: 'api error' },
  { id: 'answered', versions: V, where: 'last', shape: /^✦ /, state: 'turn_finished' },
  { id: 'fresh', versions: V, where: 'fresh', state: 'idle' },
  { id: 'prompt_guess', versions: V, where: 'composer', state: 'idle' },
]

export const geminiScreens: ScreenBook = { cli: 'gemini', zones, rules }
