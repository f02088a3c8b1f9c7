import type { AgentSight, ComposerSight, Launch, LaunchSpec, PlanStep } from '../../core/agent-adapter.ts'
import type { ChooseOption } from './answers.ts'
import { COMMON_ENV, checkLaunch } from './launch.ts'
import { makeAdapter } from './make-adapter.ts'
import { keyOnDialog, moveAndConfirm } from './plans.ts'
import { agrees, optionRows, plainRows, type StyledRun, styledRows, textOf, typedIn } from './screen-rows.ts'

const ENV = [
  'ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN', 'ANTHROPIC_BASE_URL', 'ANTHROPIC_MODEL', 'ANTHROPIC_CUSTOM_HEADERS', 'CLAUDE_CODE_OAUTH_TOKEN',
  'CLAUDE_CONFIG_DIR', 'CLAUDE_CODE_USE_BEDROCK', 'CLAUDE_CODE_USE_VERTEX', 'AWS_PROFILE', 'AWS_REGION', 'ANTHROPIC_VERTEX_PROJECT_ID',
  'CLOUD_ML_REGION', 'CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC', 'DISABLE_AUTOUPDATER',
] // biome-ignore format: a list of words

/** 2.1.329 starts in auto mode, in which most approvals never appear: the mode is always said. */
function launch(spec: LaunchSpec): Launch {
  const { resume, newSessionId, model, permissions, extra } = checkLaunch(spec)
  const session = resume !== null ? ['--resume', resume] : newSessionId !== null ? ['--session-id', newSessionId] : []
  return {
    argv: [
      'claude',
      '--permission-mode',
      permissions === 'ask' ? 'default' : 'auto',
      ...session,
      ...(model === null ? [] : ['--model', model]),
      ...extra,
    ],
    env: {},
    passEnv: [...COMMON_ENV, ...ENV],
    sessionId: resume ?? newSessionId,
  }
}

const RULER = /^\s*[─━]{8,}/
const PROMPT = /^\s?[❯>](\s|$)/
const FOLDED = /^\[Pasted text #\d+( \+\d+ lines)?\]$/

/** First row and the ruler below it; null when no composer stands between two rulers. */
function framed(rows: readonly string[]): { readonly from: number; readonly to: number } | null {
  const from = rows.findLastIndex((row, at) => PROMPT.test(row) && RULER.test(rows[at - 1] ?? ''))
  if (from === -1) return null
  const to = rows.findIndex((row, at) => at > from && RULER.test(row))
  return to === -1 ? null : { from, to }
}

// The cursor stands on the first letter of a suggestion; the rest of it is dim or grey.
const isGhost = (runs: readonly StyledRun[]): boolean => {
  const words = runs.filter((run) => !run.reverse && run.text.trim() !== '' && !/^\s?[❯>]\s?$/.test(run.text))
  return (
    words.length > 0 && words.every((run) => run.dim || /^38;(5;24\d|2;1[2-7]\d;1[2-7]\d;1[2-7]\d)$/.test(run.fg ?? ''))
  )
}

const HINT = /^Press up to edit queued messages$/

function composer(sight: AgentSight): ComposerSight | null {
  if (sight.dialog !== null) return null
  const rows = plainRows(sight.screen)
  const frame = framed(rows)
  if (frame === null) return null
  const text = typedIn(rows, frame, PROMPT)
  const styled = styledRows(sight.ansi)
  const own = framed(styled.map(textOf))
  const first = own === null ? [] : (styled[own.from] ?? [])
  const ghost = text !== '' && !text.includes('\n') && (HINT.test(text) || isGhost(first))
  return { text, ghost, folded: FOLDED.test(text) }
}

const PLAIN_ROW = /^\s*(❯\s+)?((?:Yes|No)\b.*?)\s*$/

/** Rows of dialogs without numbers (trust, API key): the order matters there, not a digit. */
const plainOptions = (rows: readonly string[]): readonly { readonly label: string; readonly selected: boolean }[] =>
  rows.flatMap((row) => {
    const match = PLAIN_ROW.exec(row)
    return match === null ? [] : [{ label: match[2] ?? '', selected: match[1] !== undefined }]
  })

function selected(sight: AgentSight): string | null {
  const { dialog } = sight
  if (dialog === null) return null
  const rows = plainRows(sight.screen)
  const numbered = optionRows(rows)
  const list = numbered.length === dialog.options.length ? numbered : plainOptions(rows).slice(-dialog.options.length)
  const at = list.findIndex((row) => row.selected)
  const label = dialog.options[at]
  return label?.startsWith(list[at]?.label ?? '\0') === true ? label : null
}

// A guard of the CLI against blind typing swallows keys in the first moment of a dialog.
const GUARD_MS = 1_200

const choose: ChooseOption = (label, index, sight, hash) => {
  const options = sight.dialog?.options ?? []
  const guard: readonly PlanStep[] = [
    { do: 'pause', ms: GUARD_MS },
    { do: 'wait', until: { see: 'dialog', hash }, withinMs: 3_000, otherwise: 'not_seen' },
  ]
  const rows = optionRows(plainRows(sight.screen))
  const row = rows[index]
  if (agrees(rows, options) && row !== undefined && row.number < 10)
    return [...guard, keyOnDialog([String(row.number)], hash)]
  const from = options.indexOf(selected(sight) ?? '\0')
  if (rows.length > 0 || from === -1) return null
  return [...guard, ...moveAndConfirm(index > from ? 'Down' : 'Up', Math.abs(index - from), label, hash)]
}

export const claude = makeAdapter({
  cli: 'claude',
  recorded: ['2.1.197', '2.1.329'],
  version: { argv: ['claude', '--version'], packageFirst: false, shape: '^(\\d+\\.\\d+\\.\\d+)' },
  settleMs: { fresh: 200, resumed: 1_000 },
  launch,
  composer,
  selected,
  choose,
  loading: () => false,
  plain: { yes: /^Yes(, proceed|, I trust\b.*|, allow once)?$/, no: /^No\b/ },
  manners: {
    name: 'Claude',
    enterAfterMs: 150,
    keptWords: '⎿\\s+Queued ·|Press up to edit queued messages',
    recordsKept: false,
    interrupt: [['Escape']],
    interruptAgainWords: null,
    quit: '/exit',
    compact: '/compact',
    compactWords: 'Compacting|Conversation compacted|Compacted',
  },
})
