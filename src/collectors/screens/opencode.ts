import { dialogOf, dialogText } from './dialog.ts'
import { isShellPrompt, lastIndex, paragraphs, squeeze } from './lines.ts'
import type { ScreenBook, ScreenRule, Zones } from './zones.ts'

const BASE = /^\s*╹▀{4,}/
const BAR = /^\s*┃/
// The sidebar of wide panes starts after a wide gap; its words are not the conversation's.
const withoutSidebar = (line: string): string => line.replace(/(\S.*?)\s{12,}\S.*$/, '$1').replace(/^\s{60,}\S.*$/, '')
const unbarred = (line: string): string => line.replace(/^\s*┃\s*/, '')

/** Options of the bottom row (`Allow once   Allow always   Reject`). */
const rowOptions = (lines: readonly string[]): readonly string[] =>
  (lines.map((line) => unbarred(line).trim()).find((line) => /^(Allow once|Confirm|Yes)\b/.test(line)) ?? '')
    .split(/\s{2,}/)
    .filter((label) => /^(Allow|Reject|Yes|No|Confirm|Cancel)/.test(label))

const CLOSES = /^\s*▣/

/** `┃ ` before what is barred, `› ` before a prompt: what is barred right below the end of an answer. */
const blockText = (group: readonly string[], index: number, groups: readonly (readonly string[])[]): string => {
  if (!BAR.test(group[0] ?? '')) return squeeze(group)
  return `${CLOSES.test(groups[index - 1]?.[0] ?? '') ? '›' : '┃'} ${squeeze(group.map(unbarred))}`
}

function zones(lines: readonly string[]): Zones {
  const base = lastIndex(lines, (line) => BASE.test(line))
  const headline = lastIndex(lines, (line) => /^\s*┃\s*△ /.test(line))
  const asks = lastIndex(lines, (line) => /enter (submit|confirm|select)\b|esc dismiss|⇆ select/.test(line))
  // No composer: a dialog took its place. Its foot may be clipped, its headline may have scrolled out.
  const open = base === -1 && (headline !== -1 || (asks !== -1 && lines.length - asks <= 6))
  const from = open ? (headline === -1 ? Math.max(0, asks - 25) : headline) : -1
  const dialogLines = open ? lines.slice(from) : null
  const composerTop = lastIndex(lines.slice(0, Math.max(base, 0)), (line) => !BAR.test(line)) + 1
  const above = lines.slice(0, base === -1 ? lines.length : composerTop).map(withoutSidebar)
  const groups = paragraphs(above)
  const dialog =
    dialogLines === null ? null : dialogOf(dialogLines.map((line) => (BAR.test(line) ? unbarred(line) : line)))
  return {
    dialog:
      dialog === null
        ? null
        : { ...dialog, options: dialog.options.length > 0 ? dialog.options : rowOptions(dialogLines ?? []) },
    dialogText: dialogLines === null ? '' : dialogText(dialogLines),
    footer: squeeze(base === -1 ? lines.slice(-3) : lines.slice(base + 1)),
    status: squeeze(groups.at(-1) ?? []),
    // Only what stands right above the answer's closing line; before that line comes there is nothing to read.
    block: CLOSES.test(groups.at(-1)?.[0] ?? '') ? groups.slice(0, -1).map(blockText) : [],
    composer: base !== -1,
    // The logo stands until the first prompt; the placeholder only until somebody types.
    fresh:
      lines.some((line) => /^\s*┃?\s*Ask anything(…|\.\.\.)/.test(line) || (base !== -1 && /█▀▀█ █▀▀█/.test(line))) &&
      !groups.some((group) => /▣/.test(group.join(' '))),
    shell: isShellPrompt(lines.at(-1) ?? ''),
  }
}

const V = '1.18'

const rules: readonly ScreenRule[] = [
  { id: 'exited', versions: V, where: 'shell', state: 'dead', reason: 'shell prompt' },
  {
    id: 'approval',
    versions: V,
    where: 'dialog',
    shape: /△ |Permission required|Allow (once|always)/,
    state: 'needs_approval',
    reason: 'permission',
  },
  { id: 'question', versions: V, where: 'dialog', state: 'asked_question', reason: 'question' },
  {
    id: 'retry_limit',
    versions: V,
    where: 'footer',
    shape: /(limit|quota|too many requests|429).{0,120}\[retrying/i,
    state: 'rate_limited',
    reason: 'limit, retrying',
  },
  {
    id: 'retry',
    versions: V,
    where: 'footer',
    shape: /\[retrying/,
    state: 'working',
    reason: 'retrying after a server error',
  },
  // The pulse is drawn only while a turn runs; its hint wraps or vanishes at 60 to 80 columns.
  { id: 'working', versions: V, where: 'footer', shape: /[⬝■]{6,}|\besc (again to )?interrupt/, state: 'working' },
  {
    id: 'interrupted',
    versions: V,
    where: 'status',
    shape: /^▣ .{1,120} · interrupted\b/,
    state: 'idle',
    reason: 'interrupted',
  },
  {
    id: 'turn_end',
    versions: V,
    where: 'status',
    shape: /^▣ .{1,120} · (\d+(\.\d+)?(ms|s|m|h) ?)+$/,
    state: 'turn_finished',
  },
  // An error is a barred block right above a closing line without duration; barred shell output begins with `$`.
  { id: 'error', versions: V, where: 'last', shape: /^┃ \S/, not: /^┃ \$ /, state: 'failed', reason: 'error' },
  // Nothing was answered, and nothing failed: interrupted while it retried, or killed and taken up again.
  { id: 'unanswered', versions: V, where: 'last', shape: /^› /, state: 'idle', reason: 'interrupted' },
  { id: 'fresh', versions: V, where: 'fresh', state: 'idle' },
  { id: 'prompt_guess', versions: V, where: 'composer', state: 'idle' },
]

export const opencodeScreens: ScreenBook = { cli: 'opencode', zones, rules }
