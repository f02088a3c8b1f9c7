import type { AgentSight, ComposerSight, Launch, LaunchSpec } from '../../core/agent-adapter.ts'
import type { ChooseOption } from './answers.ts'
import { COMMON_ENV, checkLaunch } from './launch.ts'
import { makeAdapter } from './make-adapter.ts'
import { moveAndConfirm } from './plans.ts'
import { plainRows, type StyledRun, styledRows, textOf } from './screen-rows.ts'

const ENV = [
  'OPENCODE_CONFIG',
  'OPENCODE_CONFIG_DIR',
  'OPENCODE_API_KEY',
  'ANTHROPIC_API_KEY',
  'OPENAI_API_KEY',
  'GEMINI_API_KEY',
  'GOOGLE_GENERATIVE_AI_API_KEY',
  'OPENROUTER_API_KEY',
  'GROQ_API_KEY',
  'XAI_API_KEY',
  'AWS_PROFILE',
  'AWS_REGION',
]

// Laid over the user's own configuration: the CLI allows everything where nothing is said.
const ASKS = JSON.stringify({ bash: 'ask', edit: 'ask', webfetch: 'ask' })

/** A new session gets its id from the CLI; it is seen in its database as soon as the first prompt is there. */
function launch(spec: LaunchSpec): Launch {
  const { resume, model, permissions, extra } = checkLaunch(spec)
  return {
    argv: ['opencode', ...(resume === null ? [] : ['-s', resume]), ...(model === null ? [] : ['-m', model]), ...extra],
    env: permissions === 'ask' ? { OPENCODE_PERMISSION: ASKS } : {},
    passEnv: [...COMMON_ENV, ...ENV],
    sessionId: resume,
  }
}

const BASE = /^\s*╹▀{4,}/
const BAR = /^\s*┃/
const PLACEHOLDER = /^Ask anything(…|\.\.\.)/
const FOLDED = /^\[Pasted ~?\d+ lines?\]$/

/** The barred block on the base line; its last row names agent and model. A sidebar stands behind a wide gap. */
function composer(sight: AgentSight): ComposerSight | null {
  if (sight.dialog !== null) return null
  const rows = plainRows(sight.screen)
  const base = rows.findLastIndex((row) => BASE.test(row))
  if (base === -1) return null
  const top = rows.findLastIndex((row, at) => at < base && !BAR.test(row)) + 1
  const text = rows
    .slice(top, base)
    // the list of commands above the line is framed on both sides
    .filter((row) => !/^\s*┃.*\s┃$/.test(row))
    .map((row) => row.replace(/^\s*┃ {0,2}/, '').replace(/(\S.*?)\s{12,}\S.*$/, '$1'))
    .slice(0, -1)
    .join('\n')
    .trim()
  return { text, ghost: PLACEHOLDER.test(text), folded: FOLDED.test(text) }
}

const labelRuns = (sight: AgentSight): readonly (readonly [string, StyledRun])[] => {
  const options = sight.dialog?.options ?? []
  const row = styledRows(sight.ansi).findLast((runs) => options.every((label) => textOf(runs).includes(label)))
  return (row ?? []).flatMap((run) => {
    const label = options.find((option) => option === run.text.trim())
    return label === undefined ? [] : [[label, run] as const]
  })
}

/** The selected option stands on a background of its own; without colours nothing tells it. */
function selected(sight: AgentSight): string | null {
  const runs = labelRuns(sight)
  if (sight.dialog === null || runs.length !== sight.dialog.options.length) return null
  const marked = runs.filter(([, run]) => run.reverse || runs.filter(([, other]) => other.bg === run.bg).length === 1)
  return marked.length === 1 ? (marked[0]?.[0] ?? null) : null
}

const choose: ChooseOption = (label, index, sight, hash) => {
  const from = sight.dialog?.options.indexOf(selected(sight) ?? '\0') ?? -1
  return from === -1 ? null : moveAndConfirm(index > from ? 'Right' : 'Left', Math.abs(index - from), label, hash)
}

export const opencode = makeAdapter({
  cli: 'opencode',
  recorded: ['1.18.33'],
  version: { argv: ['opencode', '--version'], packageFirst: true, shape: '^(\\d+\\.\\d+\\.\\d+)' },
  settleMs: { fresh: 500, resumed: 1_500 },
  launch,
  composer,
  selected,
  choose,
  loading: (_sight, composer, resumed) => resumed && composer?.ghost === true,
  plain: { yes: /^(Allow once|Confirm|Yes)$/, no: /^(Reject|Cancel|No)$/ },
  manners: {
    name: 'OpenCode',
    enterAfterMs: 200,
    keptWords: '┃\\s+QUEUED\\b',
    recordsKept: true,
    interrupt: [['Escape'], ['Escape']],
    interruptAgainWords: 'esc again to interrupt',
    quit: '/exit',
    compact: '/compact',
    compactWords: '[Cc]ompaction|Compacting|Session compacted',
  },
})
