import { dialogOf, dialogText, isSelectedOption } from './dialog.ts'
import { isShellPrompt, lastIndex, paragraphs, squeeze } from './lines.ts'
import type { ScreenBook, ScreenRule, Zones } from './zones.ts'

const PROMPT = /^›(\s|$)/

const composerAt = (lines: readonly string[]): number =>
  lastIndex(lines, (line) => PROMPT.test(line) && !isSelectedOption(line))

// A numbered list typed into the composer looks like a dialog but for what stands below it.
const COMPOSER_FOOT = /\? for shortcuts|← for agents|context left/

/** Rows of a dialog start at column 0 and nothing but its own rows and foot follows. Quoted dialogs are indented. */
const dialogStart = (lines: readonly string[], composer: number): number | null => {
  const selected = lastIndex(lines, (line) => /^›\s+\d{1,2}\.\s/.test(line))
  if (selected === -1 || selected <= composer) return null
  const after = lines.slice(selected + 1).filter((line) => line.trim() !== '')
  // an arrow tells that the list goes on
  if (after.some((line) => !/^(\s{2,}\S|[↑↓]$)/.test(line) || COMPOSER_FOOT.test(line))) return null
  const top = lastIndex(lines.slice(0, selected), (line) => /^[•■✗✔›]\s|^\s*─{8,}/.test(line))
  const groups = paragraphs(lines.slice(top + 1, selected))
  return Math.max(top + 1, selected - 40 - groups.length)
}

const WARNING = /^\s{10,}⚠/

function zones(lines: readonly string[]): Zones {
  const composer = composerAt(lines)
  const start = dialogStart(lines, composer)
  const above = lines.slice(0, composer === -1 ? lines.length : composer).filter((line) => !WARNING.test(line))
  const prompt = lastIndex(above, (line) => PROMPT.test(line) && !isSelectedOption(line))
  const groups = paragraphs(above.slice(prompt + 1))
  const last = groups.at(-1) ?? []
  const dialogLines = start === null ? null : lines.slice(start)
  return {
    dialog: dialogLines === null ? null : dialogOf(dialogLines),
    dialogText: dialogLines === null ? '' : dialogText(dialogLines),
    footer: squeeze(composer === -1 ? [] : lines.slice(composer + 1)),
    status: squeeze(last),
    block: groups.map(squeeze),
    composer: composer !== -1 && start === null,
    fresh:
      composer !== -1 &&
      prompt === -1 &&
      above.some((line) => /OpenAI Codex|[\u2840-\u28ff]{4}/.test(line)) &&
      !above.some((line) => /^[•■]\s/.test(line)),
    shell: isShellPrompt(lines.at(-1) ?? ''),
  }
}

const V = '0.169'

const rules: readonly ScreenRule[] = [
  { id: 'exited', versions: V, where: 'shell', state: 'dead', reason: 'shell prompt' },
  {
    id: 'limit_dialog',
    versions: V,
    where: 'dialog',
    shape: /Approaching rate limits|hit your usage limit/,
    state: 'rate_limited',
    reason: 'usage-limit dialog',
  },
  {
    id: 'approval',
    versions: V,
    where: 'dialog',
    shape:
      /Would you like to|Do you want to|Yes, proceed|Yes, (just|run|allow|continue)|Trust|trusting|Hooks need review|\bNo, /,
    state: 'needs_approval',
    reason: 'dialog',
  },
  // A menu somebody opened (/model, /permissions): questions are submitted, dialogs confirmed.
  {
    id: 'menu',
    versions: V,
    where: 'dialog',
    shape: /enter select · esc back$/,
    state: 'unknown',
    reason: 'menu open',
  },
  { id: 'question', versions: V, where: 'dialog', state: 'asked_question', reason: 'dialog' },
  {
    id: 'retry_limit',
    versions: V,
    where: 'status',
    shape: /^[•◦] .{0,60}(reconnecting|retrying).{0,300}(429|rate limit)/i,
    state: 'rate_limited',
    reason: '429, retrying',
  },
  {
    id: 'retry',
    versions: V,
    where: 'status',
    shape: /^[•◦] .{0,60}reconnecting\b.{0,40}\d+\/\d+/i,
    state: 'working',
    reason: 'reconnecting',
  },
  // The header's words change with the model's reasoning; the clock with the interrupt hint is its shape, cut in narrow panes.
  {
    id: 'working',
    versions: V,
    where: 'status',
    shape: /^[•◦◐◑◒◓⬤·] .{1,400}\((\d+h )?(\d+m )?\d+[hms]( [•·]|…| ?$)/,
    state: 'working',
  },
  {
    id: 'background',
    versions: V,
    where: 'status',
    shape: /(\d+ background terminals? running)/,
    state: 'working',
    reason: 'background: $1',
  },
  {
    id: 'background_footer',
    versions: V,
    where: 'footer',
    shape: /(\d+ background terminals? running)/,
    state: 'working',
    reason: 'background: $1',
  },
  {
    id: 'limit',
    versions: V,
    where: 'last',
    shape: /^■ You['’]ve hit your usage limit|^■ .{0,40}(usage|plan) limit reached/,
    state: 'rate_limited',
    reason: 'usage limit',
  },
  {
    id: 'interrupted',
    versions: V,
    where: 'last',
    shape: /^■ Conversation interrupted/,
    state: 'idle',
    reason: 'interrupted',
  },
  {
    id: 'error_429',
    versions: V,
    where: 'last',
    shape: /^■ exceeded retry limit, last status: 429/,
    state: 'failed',
    reason: 'rate limit (429), retries given up',
  },
  { id: 'error', versions: V, where: 'last', shape: /^■ ./, state: 'failed', reason: 'error' },
  { id: 'turn_end', versions: V, where: 'last', shape: /^(─+ )?Worked for <?\d.{0,30}$/, state: 'turn_finished' },
  { id: 'fresh', versions: V, where: 'fresh', state: 'idle' },
  // While text streams the composer looks just like this: only the title tells (agents-codex.md 3).
  { id: 'prompt_guess', versions: V, where: 'composer', state: 'idle' },
]

export const codexScreens: ScreenBook = { cli: 'codex', zones, rules }
