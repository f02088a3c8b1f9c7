import type { AgentSight, ComposerSight, Launch, LaunchSpec } from '../../core/agent-adapter.ts'
import type { ChooseOption } from './answers.ts'
import { COMMON_ENV, checkLaunch } from './launch.ts'
import { makeAdapter } from './make-adapter.ts'
import { keyOnDialog, moveAndConfirm } from './plans.ts'
import { agrees, optionRows, plainRows, styledRows, textOf, typedIn } from './screen-rows.ts'

const ENV = [
  'OPENAI_API_KEY',
  'OPENAI_BASE_URL',
  'OPENAI_ORGANIZATION',
  'OPENAI_PROJECT',
  'CODEX_API_KEY',
  'CODEX_HOME',
  'AZURE_OPENAI_API_KEY',
  'OPENROUTER_API_KEY',
]

/**
 * Always `--no-daemon`: as a thin client the turn and its shells would run on in a background server after the terminal
 * is gone, so that ending the agent would not end it (contract agents-codex).
 */
function launch(spec: LaunchSpec): Launch {
  const { resume, model, permissions, extra } = checkLaunch(spec)
  return {
    argv: [
      'codex',
      ...(resume === null ? [] : ['resume', resume]),
      '--no-daemon',
      '-a',
      permissions === 'ask' ? 'on-request' : 'never',
      '-s',
      'workspace-write',
      ...(model === null ? [] : ['-m', model]),
      ...extra,
    ],
    env: {},
    passEnv: [...COMMON_ENV, ...ENV],
    sessionId: resume,
  }
}

const PROMPT = /^›(\s|$)/
const FOLDED = /^\[Pasted (Content|text)\b.{0,40}\]$/
const isOption = (row: string): boolean => /^›\s+\d{1,2}\.\s/.test(row)

/** Rows of the composer; below it stand a blank row and one or two rows of status. */
function composerRows(rows: readonly string[]): { readonly from: number; readonly to: number } | null {
  const from = rows.findLastIndex((row) => PROMPT.test(row))
  if (from === -1) return null
  const blank = rows.findLastIndex((row, at) => at > from && row.trim() === '')
  return { from, to: blank === -1 ? rows.length : blank }
}

function composer(sight: AgentSight): ComposerSight | null {
  if (sight.dialog !== null) return null
  const rows = plainRows(sight.screen)
  const own = composerRows(rows)
  if (own === null) return null
  // A list that is typed looks like the options of a dialog; only the reader of dialogs knows, and it saw none.
  const text = typedIn(rows, own, PROMPT)
  const styled = styledRows(sight.ansi)
  const at = styled.findLastIndex((runs) => PROMPT.test(textOf(runs)))
  const words = (styled[at] ?? []).filter((run) => run.text.trim() !== '' && !/^›\s?$/.test(run.text) && !run.reverse)
  const ghost = !text.includes('\n') && words.length > 0 && words.every((run) => run.dim)
  return { text, ghost, folded: FOLDED.test(text) }
}

function selected(sight: AgentSight): string | null {
  const rows = optionRows(plainRows(sight.screen))
  const at = rows.findIndex((row) => row.selected)
  const label = sight.dialog?.options[at]
  return at !== -1 && rows.length === sight.dialog?.options.length ? (label ?? null) : null
}

const LETTER = /\((?:([a-z])|(esc))\)$/

/** The shortcut stands behind each label: `(y)`, `(p)`, `(esc)`. */
const keyOf = (label: string): string | null => {
  const match = LETTER.exec(label)
  return match === null ? null : (match[1] ?? 'Escape')
}

const choose: ChooseOption = (label, index, sight, hash) => {
  const options = sight.dialog?.options ?? []
  if (!agrees(optionRows(plainRows(sight.screen)), options)) return null
  const key = keyOf(label)
  if (key !== null && options.filter((other) => keyOf(other) === key).length === 1) return [keyOnDialog([key], hash)]
  const from = options.indexOf(selected(sight) ?? '\0')
  if (from === -1 || !plainRows(sight.screen).some(isOption)) return null
  return moveAndConfirm(index > from ? 'Down' : 'Up', Math.abs(index - from), label, hash)
}

export const codex = makeAdapter({
  cli: 'codex',
  recorded: ['0.169.0'],
  version: { argv: ['codex', '--version'], packageFirst: false, shape: '^codex-cli (\\S+)' },
  settleMs: { fresh: 200, resumed: 1_000 },
  launch,
  composer,
  selected,
  choose,
  loading: () => false,
  plain: { yes: /^(Yes, (proceed|just this once)\b.*\(y\)|Yes|Trust and continue)$/, no: /^No\b.*\(esc\)$|^No$/ },
  manners: {
    name: 'Codex',
    enterAfterMs: 400,
    keptWords: 'Messages to be submitted|Queued follow-up|queued (message|follow-up)',
    recordsKept: false,
    interrupt: [['Escape']],
    interruptAgainWords: null,
    quit: '/quit',
    compact: '/compact',
    compactWords: 'Context compacted|Compacting',
  },
})
