import type { AgentSight, ComposerSight, Launch, LaunchSpec } from '../../core/agent-adapter.ts'
import type { ChooseOption } from './answers.ts'
import { COMMON_ENV, checkLaunch } from './launch.ts'
import { makeAdapter } from './make-adapter.ts'
import { keyOnDialog } from './plans.ts'
import { agrees, optionRows, plainRows } from './screen-rows.ts'

const ENV = [
  'GEMINI_API_KEY',
  'GOOGLE_API_KEY',
  'GOOGLE_GEMINI_BASE_URL',
  'GOOGLE_CLOUD_PROJECT',
  'GOOGLE_CLOUD_LOCATION',
  'GOOGLE_GENAI_USE_VERTEXAI',
  'GOOGLE_APPLICATION_CREDENTIALS',
  'GEMINI_MODEL',
  'GEMINI_CLI_HOME',
]

/** `auto` accepts edits only: the CLI's widest mode runs every shell command unasked. */
function launch(spec: LaunchSpec): Launch {
  const { resume, newSessionId, model, permissions, extra } = checkLaunch(spec)
  const session = resume !== null ? ['--resume', resume] : newSessionId !== null ? ['--session-id', newSessionId] : []
  return {
    argv: [
      'gemini',
      '--approval-mode',
      permissions === 'ask' ? 'default' : 'auto_edit',
      ...session,
      ...(model === null ? [] : ['-m', model]),
      ...extra,
    ],
    env: {},
    passEnv: [...COMMON_ENV, ...ENV],
    sessionId: resume ?? newSessionId,
  }
}

// `*` stands there in the mode that runs everything, `!` in shell mode, where a prompt would be a command.
const INPUT = /^\s(?:│\s)?[>*]\s{1,3}(?=\S|$)|^\s(?:│\s)?[>*]$/
const BAR = /^\s*[▄▀]{8,}/
const FOOT = /^\s*workspace \(|^\s*~?\/\S*\s{3,}\S/
const PLACEHOLDER = /^Type your message or @path\/to\/file$/
const FOLDED = /^\[Pasted Text: \d+ (lines|chars)\]$/

/** The input is the last prompt row above the footer; a bar, a box or the footer ends it. */
function composer(sight: AgentSight): ComposerSight | null {
  if (sight.dialog !== null) return null
  const rows = plainRows(sight.screen)
  const foot = rows.findLastIndex((row) => FOOT.test(row))
  const barred = rows.some((row) => BAR.test(row))
  const isOwn = (row: string, at: number): boolean =>
    INPUT.test(row) && (barred ? BAR.test(rows[at - 1] ?? '') : (rows[at - 1] ?? '').trim() === '')
  const from = rows.findLastIndex(
    (row, at) => isOwn(row, at) || (INPUT.test(row) && PLACEHOLDER.test(row.replace(INPUT, '').trim())),
  )
  if (from === -1) return null
  const ends = rows.findIndex((row, at) => at > from && (BAR.test(row) || FOOT.test(row) || /^\s*[╰─]{8,}/.test(row)))
  // Nothing of a conversation stands below the input.
  if (ends === -1 || (foot !== -1 && from > foot) || rows.length - ends > 6) return null
  const text = rows
    .slice(from, ends)
    .map((row, at) => (at === 0 ? row.replace(INPUT, '') : row.replace(/^ {1,3}/, '')))
    .join('\n')
    .trim()
  return { text, ghost: PLACEHOLDER.test(text), folded: FOLDED.test(text) }
}

function selected(sight: AgentSight): string | null {
  const rows = optionRows(plainRows(sight.screen))
  const at = rows.findIndex((row) => row.selected)
  return at !== -1 && rows.length === sight.dialog?.options.length ? (sight.dialog.options[at] ?? null) : null
}

/** A digit acts at once; it is the one that stands before this label now. */
const choose: ChooseOption = (_label, index, sight, hash) => {
  const options = sight.dialog?.options ?? []
  const rows = optionRows(plainRows(sight.screen))
  const row = rows[index]
  return agrees(rows, options) && row !== undefined && row.number < 10
    ? [keyOnDialog([String(row.number)], hash)]
    : null
}

export const gemini = makeAdapter({
  cli: 'gemini',
  recorded: ['0.61.0'],
  version: { argv: ['gemini', '--version'], packageFirst: true, shape: '^(\\d+\\.\\d+\\.\\d+)' },
  settleMs: { fresh: 500, resumed: 2_500 },
  launch,
  composer,
  selected,
  choose,
  // a resumed session is drawn empty first, then anew with its history
  loading: ({ screen }, _composer, resumed) =>
    /Resuming session/.test(screen) || (resumed && !/^\s*✦ |^ > \S/m.test(screen)),
  plain: { yes: /^(Allow once|Yes, allow once|Yes|Trust folder\b.*)$/, no: /^(No\b.*|Don't trust)$/ },
  manners: {
    name: 'Gemini',
    enterAfterMs: 500,
    keptWords: 'Queued \\(press ↑ to edit\\)',
    recordsKept: false,
    interrupt: [['Escape']],
    interruptAgainWords: null,
    quit: '/quit',
    compact: '/compress',
    compactWords: 'Compressing|Chat history compressed|compression',
  },
})
