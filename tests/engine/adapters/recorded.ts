import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readScreen } from '../../../src/collectors/screens/index.ts'
import { dialogHash } from '../../../src/collectors/tmux/screen.ts'
import { bundleSightings } from '../../../src/commands/explain-sightings.ts'
import type { AgentCli } from '../../../src/core/agent.ts'
import type { AgentSight, DialogSight, LiveWord } from '../../../src/core/agent-adapter.ts'
import { decide } from '../../../src/oracle/agent-state.ts'

const FIXTURES = join(import.meta.dirname, '../../fixtures')

export const dialogOn = (cli: AgentCli, screen: string, title = ''): DialogSight | null => {
  const reading = readScreen({ screen, title, currentCommand: '', width: 0, cli })
  return reading?.dialog == null ? null : { hash: dialogHash(reading.dialog), ...reading.dialog }
}

const PLAIN: AgentSight = {
  seenAt: new Date(0),
  screen: '',
  ansi: '',
  title: '',
  process: 'alive',
  inMode: false,
  state: 'idle',
  rule: null,
  dialog: null,
  live: null,
  sessionId: null,
  recorded: 0,
  waiting: 0,
}

export const sightOf = (cli: AgentCli, more: Partial<AgentSight>): AgentSight => ({
  ...PLAIN,
  dialog: dialogOn(cli, more.screen ?? '', more.title ?? ''),
  ...more,
})

/** A recorded screen as a sight: its colours where they were kept, its state by the screen's own rules. */
export function recordedScreen(folder: string, name: string, more: Partial<AgentSight> = {}): AgentSight {
  const cli = folder.split('-')[0] as AgentCli
  const file = (end: string): string => join(FIXTURES, 'screens', folder, `${name}${end}`)
  const screen = readFileSync(file('.txt'), 'utf8')
  const ansi = existsSync(file('.ansi')) ? readFileSync(file('.ansi'), 'utf8') : ''
  const { pane_title: title, pane_current_command: currentCommand } = JSON.parse(
    readFileSync(file('.pane.json'), 'utf8'),
  ) as { readonly pane_title: string; readonly pane_current_command: string }
  const reading = readScreen({ screen, ansi, title, currentCommand, width: 120, cli })
  return sightOf(cli, { screen, ansi, title, state: reading?.state ?? 'unknown', rule: reading?.rule ?? null, ...more })
}

interface Bundle {
  readonly id: string
  readonly cli: AgentCli
  readonly truth: string
  readonly captured_at: string
  readonly screen: string | null
  readonly screen_ansi: string | null
  readonly pane: { readonly pane_title?: string; readonly pane_in_mode?: number } | null
}

export const bundleIds = (): readonly string[] =>
  (JSON.parse(readFileSync(join(FIXTURES, 'evidence/index.json'), 'utf8')) as readonly { readonly id: string }[]).map(
    ({ id }) => id,
  )

const LIVE: Readonly<Record<string, LiveWord>> = {
  working: 'busy',
  needs_approval: 'waiting',
  asked_question: 'waiting',
  idle: 'idle',
  turn_finished: 'idle',
}

/** A labelled bundle as a sight, judged by the one judge from everything it holds. */
export function recordedBundle(id: string): {
  readonly cli: AgentCli
  readonly truth: string
  readonly sight: AgentSight
} {
  const bundle = JSON.parse(readFileSync(join(FIXTURES, 'evidence', `${id}.json`), 'utf8')) as Bundle
  const at = new Date(bundle.captured_at)
  const sightings = bundleSightings(bundle as unknown as Readonly<Record<string, unknown>>, bundle.cli, at)
  const verdict = decide(sightings, { now: at })
  const live = sightings.find(({ tier }) => tier === 'live')
  const sight = sightOf(bundle.cli, {
    seenAt: at,
    screen: bundle.screen ?? '',
    ansi: bundle.screen_ansi ?? '',
    title: bundle.pane?.pane_title ?? '',
    inMode: bundle.pane?.pane_in_mode === 1,
    process: verdict.state === 'dead' ? 'gone' : verdict.state === 'stalled' ? 'stopped' : 'alive',
    state: verdict.state,
    rule: verdict.rule,
    live: live === undefined || bundle.cli === 'opencode' ? null : (LIVE[live.says] ?? null),
  })
  return { cli: bundle.cli, truth: bundle.truth, sight }
}
