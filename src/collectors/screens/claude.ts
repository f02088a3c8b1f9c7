import { dialogOf, dialogText, isSelectedOption } from './dialog.ts'
import { isShellPrompt, lastIndex, paragraphs, squeeze } from './lines.ts'
import type { ScreenBook, ScreenRule, Zones } from './zones.ts'

const isRuler = (line: string | undefined): boolean => /^\s*[─━]{8,}/.test(line ?? '')
const PROMPT = /^\s?[❯>](\s|$)/

/** The composer stands between two rulers (2.1); older builds draw the bare prompt near the bottom. */
const composerAt = (lines: readonly string[]): number => {
  const framed = lastIndex(
    lines,
    (line, index) => PROMPT.test(line) && isRuler(lines[index - 1]) && lines.slice(index + 1, index + 12).some(isRuler),
  )
  return framed === -1 ? lastIndex(lines, (line) => PROMPT.test(line) && !isSelectedOption(line)) : framed
}

const DIALOG_FOOT = /(Esc to cancel|Enter to (confirm|select|continue)|Tab to amend|\bto navigate\b)/

/** A dialog is at the bottom, below every composer, with a selected row, and nothing but its own foot after the rows. */
const dialogStart = (lines: readonly string[], composer: number): number | null => {
  const selected = lastIndex(lines, isSelectedOption)
  if (selected === -1 || selected <= composer) return null
  const after = lines.slice(selected + 1).filter((line) => line.trim() !== '' && !isRuler(line))
  const foreign = after.filter(
    (line) => !/^\s*(\d{1,2}\.|Yes|No\b)/.test(line) && !/^\s{3,}\S/.test(line) && !DIALOG_FOOT.test(line),
  )
  if (foreign.length > 2) return null
  const above = lastIndex(lines.slice(0, selected), (line, index) => isRuler(line) && selected - index < 60)
  return above === -1 ? Math.max(0, selected - 25, composer + 1) : above + 1
}

// Full screen, the newest builds open menus (/model, /config …) and plans below a line of their own.
const PANEL = /^\s*▔{8,}/
// What makes a panel more than a menu: somebody asks there.
const ASKS =
  /(❯ |\b\d+\. )(Yes|No)\b|Stop and wait for limit|limit to reset|☐|☒|✔ Submit|Chat about this|Type something|Use arrow keys/

const panelStart = (lines: readonly string[], composer: number): number | null => {
  const at = lastIndex(lines, (line) => PANEL.test(line))
  return at === -1 || at < composer ? null : at + 1
}

/** A menu's first line only: what a person reads there (account, memory, older sessions) is no question to anybody. */
const menuIn = (panel: readonly string[]): Pick<Zones, 'dialog' | 'dialogText'> => ({
  dialog: { title: dialogOf(panel).title, body: '', options: [] },
  dialogText: '▔',
})

function dialogIn(lines: readonly string[], composer: number): Pick<Zones, 'dialog' | 'dialogText'> | null {
  const panel = panelStart(lines, composer)
  const start = panel ?? dialogStart(lines, composer)
  if (start === null) return null
  const own = lines.slice(start)
  const text = dialogText(own)
  return panel !== null && !ASKS.test(text) ? menuIn(own) : { dialog: dialogOf(own), dialogText: text }
}

// Right-aligned hints and rows of the task list stand between the answer and the composer.
const HINT = /^\s{20,}\S|^\s*⎿?\s*Tip:|^\s*●\s+main$|^\s*◯/
const STATUS = /^\s*[·✢✳✶✻✽*◐◑◒◓]\s+\S/
const BANNER = /Claude Code v\d|Welcome back|^\s*▎|▐▛|▝▜|▘▘|^\s*[╭│╰]|^\s*▝▝/

function zones(lines: readonly string[]): Zones {
  const composer = composerAt(lines)
  const dialog = dialogIn(lines, composer)
  const foot = composer === -1 ? [] : lines.slice(composer + 1)
  const above = lines
    .slice(0, composer === -1 ? lines.length : composer)
    .filter((line) => !HINT.test(line) && !isRuler(line))
  const prompt = lastIndex(above, (line) => PROMPT.test(line))
  const turn = above.slice(prompt + 1)
  const groups = paragraphs(turn)
  const last = groups.at(-1) ?? []
  const statusAt = lastIndex(last, (line) => STATUS.test(line))
  const hasStatus = statusAt !== -1 && last.length - statusAt <= 4
  const rest = [...groups.slice(0, -1), ...(statusAt > 0 ? [last.slice(0, statusAt)] : [])]
  const content = above.filter((line) => line.trim() !== '' && !BANNER.test(line))
  return {
    dialog: dialog?.dialog ?? null,
    dialogText: dialog?.dialogText ?? '',
    footer: squeeze(foot),
    status: hasStatus ? squeeze(last.slice(statusAt)) : '',
    block: (hasStatus ? rest : groups).map(squeeze),
    composer: composer !== -1 && dialog === null,
    fresh:
      composer !== -1 && prompt === -1 && above.some((line) => /Claude Code v\d/.test(line)) && content.length <= 2,
    shell: isShellPrompt(lines.at(-1) ?? ''),
  }
}

const V = '2.1'
const LIMIT = "You['’]ve hit your .{0,40}limit"

const rules: readonly ScreenRule[] = [
  { id: 'exited', versions: V, where: 'shell', state: 'dead', reason: 'shell prompt' },
  // A menu somebody opened: nothing about the agent can be read behind it.
  { id: 'panel', versions: V, where: 'dialog', shape: /^▔$/, state: 'unknown', reason: 'menu open' },
  // Menus after a limit, then questions, then whatever asks for leave; option numbers differ between versions.
  {
    id: 'limit_menu',
    versions: V,
    where: 'dialog',
    shape: /Stop and wait for limit|extra usage|wait for .{0,30}limit to reset/i,
    state: 'rate_limited',
    reason: 'limit menu',
  },
  {
    id: 'question',
    versions: V,
    where: 'dialog',
    shape: /☐|☒|✔ Submit|Chat about this|Type something|Tab\/Arrow keys to navigate|Use arrow keys|Enter to select/,
    state: 'asked_question',
    reason: 'question dialog',
  },
  {
    id: 'approval',
    versions: V,
    where: 'dialog',
    shape: /(^| )(❯ )?(\d\. )?(Yes\b|No\b)/,
    state: 'needs_approval',
    reason: 'dialog',
  },
  // The same where it is drawn like a dialog; it may also be one that these rules do not know.
  { id: 'menu', versions: V, where: 'dialog', state: 'unknown', reason: 'menu open' },
  {
    id: 'retry_limit',
    versions: V,
    where: 'status',
    shape: /(limit reached|\b429\b|rate limit).{0,40}retrying in/i,
    state: 'rate_limited',
    reason: 'limit, retrying',
  },
  {
    id: 'retry',
    versions: V,
    where: 'status',
    shape: /(will retry|retrying) in\b/,
    state: 'working',
    reason: 'retrying after a connection or server error',
  },
  {
    id: 'background',
    versions: V,
    where: 'status',
    shape: /(Waiting for \d+ background (agent|task|shell)|\d+ (shell|background task|agent)s? still running)/,
    state: 'working',
    reason: 'background: $1',
  },
  {
    id: 'background_footer',
    versions: V,
    where: 'footer',
    shape: /· (\d+ (?:shell|background task)s?)( |$)/,
    state: 'working',
    reason: 'background: $1',
  },
  { id: 'footer_interrupt', versions: V, where: 'footer', shape: /\b(esc|ctrl\+c) to in(t|…)/, state: 'working' },
  {
    id: 'spinner',
    versions: V,
    where: 'status',
    shape: /^\S\s+\S[^(]{0,200}…(\s*\(|\s*$)|(esc|ctrl\+c) to interrupt|· thinking/,
    state: 'working',
  },
  {
    id: 'limit_footer',
    versions: V,
    where: 'footer',
    shape: /⚠ Usage limit reached · (limit resets \S+)/,
    state: 'rate_limited',
    reason: '$1',
  },
  {
    id: 'unavailable',
    versions: V,
    where: 'last',
    shape: /is currently unavailable/,
    not: /^[●⎿]/,
    state: 'failed',
    reason: 'model unavailable',
  },
  // Directly below the prompt the CLI speaks itself; below a ● it is tool output or a quotation.
  {
    id: 'limit',
    versions: V,
    where: 'first',
    shape: new RegExp(`^⎿ ${LIMIT}(?: · (resets [^)·]{1,40}\\)?))?`),
    state: 'rate_limited',
    reason: '$1',
  },
  {
    id: 'error',
    versions: V,
    where: 'first',
    shape:
      /^⎿ (Invalid API key|Context limit reached|Prompt is too long|Please run \/login|OAuth token|API Error|Credit balance)/,
    state: 'failed',
    reason: '$1',
  },
  { id: 'interrupted', versions: V, where: 'last', shape: /⎿ Interrupted( ·|$)/, state: 'idle', reason: 'interrupted' },
  {
    id: 'api_limit',
    versions: V,
    where: 'last',
    shape: /^(?:● )?API Error: (?:Request rejected \(429\)|Rate limit reached|429)/,
    state: 'rate_limited',
    reason: '429',
  },
  { id: 'api_error', versions: V, where: 'last', shape: /^● (API Error)(: | \()/, state: 'failed', reason: '$1' },
  {
    id: 'login',
    versions: V,
    where: 'last',
    shape: /^(API Error: 401|Please run \/login|Invalid API key)/,
    state: 'failed',
    reason: 'authentication',
  },
  {
    id: 'turn_end',
    versions: V,
    where: 'status',
    shape: /^\S \p{Lu}\S* for (\d+[hms] ?)+( · done .{1,12})?$/u,
    state: 'turn_finished',
  },
  { id: 'fresh', versions: V, where: 'fresh', state: 'idle' },
  { id: 'prompt', versions: V, where: 'composer', state: 'idle' },
]

export const claudeScreens: ScreenBook = { cli: 'claude', zones, rules }
