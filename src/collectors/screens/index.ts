import type { AgentCli, AgentState } from '../../core/agent.ts'
import { displayText } from '../../core/text.ts'
import { claudeScreens } from './claude.ts'
import { codexScreens } from './codex.ts'
import { geminiScreens } from './gemini.ts'
import { screenLines } from './lines.ts'
import { opencodeScreens } from './opencode.ts'
import type { Dialog, ScreenBook, ScreenRule, Zones } from './zones.ts'

export interface ScreenInput {
  /** `capture-pane -p -J`. */
  readonly screen: string
  /** `capture-pane -p -e`, where it was asked for. */
  readonly ansi?: string
  readonly title: string
  readonly currentCommand: string
  readonly width: number
  /** Which CLI the process tree shows; null: guess by title and command. */
  readonly cli: AgentCli | null
}

export interface ScreenReading {
  readonly cli: AgentCli
  readonly state: AgentState
  /** `<cli>.screen.<rule>@<versions>`. */
  readonly rule: string
  readonly reason: string | null
  /** Screens show local wall-clock times without zone or date: never a time, the words stand in `reason`. */
  readonly until: Date | null
  readonly dialog: Dialog | null
}

const BOOKS: readonly ScreenBook[] = [claudeScreens, codexScreens, geminiScreens, opencodeScreens]

const guessCli = (input: ScreenInput): AgentCli | null => {
  const command = input.currentCommand
  if (/^(claude|\d+\.\d+\.\d+)$/.test(command)) return 'claude'
  if (command === 'codex' || command === 'opencode' || command === 'gemini') return command
  const title = input.title.trim()
  if (/^[✳✻✽✶✢◐◑]/u.test(title)) return 'claude'
  if (/^[◇✦✋⏲]/u.test(title)) return 'gemini'
  return /^OC \||^OpenCode$/.test(title) ? 'opencode' : null
}

/** Titles that show work under way: a bare composer below them is no rest (streaming looks idle). */
const busyTitle = (cli: AgentCli, title: string): boolean =>
  cli !== 'opencode' && /^[\u2800-\u28ff◐◑◒◓✦⏲]/u.test(title.trim())

const textsAt = (zones: Zones, where: ScreenRule['where']): readonly string[] => {
  if (where === 'dialog') return zones.dialog === null ? [] : [zones.dialogText]
  if (where === 'first') return zones.block.slice(0, 1)
  if (where === 'last') return zones.block.slice(-1)
  if (where === 'block') return zones.block
  if (where === 'footer') return [zones.footer]
  if (where === 'status') return [zones.status]
  return zones[where] ? [''] : []
}

interface Hit {
  readonly rule: ScreenRule
  readonly match: RegExpExecArray | null
}

const hitOf = (rule: ScreenRule, zones: Zones): Hit | null => {
  if (rule.where === 'shell' ? zones.shell === false : zones.dialog !== null && rule.where !== 'dialog') return null
  for (const text of textsAt(zones, rule.where)) {
    if (rule.not?.test(text) === true) continue
    if (rule.shape === undefined) return { rule, match: null }
    const match = rule.shape.exec(text)
    if (match !== null) return { rule, match }
  }
  return null
}

const reasonOf = ({ rule, match }: Hit): string | null => {
  const words = rule.reason?.replace('$1', match?.[1] ?? '').trim() ?? ''
  return words === '' ? null : displayText(words, 120)
}

/** Panes below this width wrap every shape the rules know (agent-states.md, trap 6). */
export const MIN_WIDTH = 30

/**
 * What the live part of one screen shows, by the first rule of its CLI's book that matches; null when nothing matches.
 * History above the live part is not read, so quoted banners and old dialogs do not count. Pure; never throws.
 */
export function readScreen(input: ScreenInput): ScreenReading | null {
  const cli = input.cli ?? guessCli(input)
  const book = BOOKS.find((candidate) => candidate.cli === cli)
  const lines = screenLines(input.screen)
  if (book === undefined || lines.length === 0 || (input.width > 0 && input.width < MIN_WIDTH)) return null
  const zones = book.zones(lines)
  for (const rule of book.rules) {
    const hit = hitOf(rule, zones)
    if (hit === null) continue
    const calm = rule.where === 'composer' || rule.where === 'fresh'
    if (calm && busyTitle(book.cli, input.title)) return null
    const id = `${book.cli}.screen.${rule.id}@${rule.versions}`
    return { cli: book.cli, state: rule.state, rule: id, reason: reasonOf(hit), until: null, dialog: zones.dialog }
  }
  return null
}
