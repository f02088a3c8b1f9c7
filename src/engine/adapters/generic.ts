import type { AgentAdapter, AgentPlan, AgentSight, Launch, LaunchSpec, Planned } from '../../core/agent-adapter.ts'
import { usageError } from '../../core/errors.ts'
import { COMMON_ENV, checkLaunch } from './launch.ts'
import { unreachable } from './plans.ts'
import { pasteText, refusal } from './prompt-text.ts'

function launch(spec: LaunchSpec): Launch {
  const [program, ...words] = checkLaunch(spec).extra
  if (program === undefined)
    throw usageError('bad_launch', 'a generic agent needs its command', 'vc agent spawn --cli generic -- COMMAND …')
  return { argv: [program, ...words], env: {}, passEnv: [...COMMON_ENV], sessionId: null }
}

const cannot = (verb: string, sight: AgentSight): Planned =>
  refusal(
    'not_supported',
    sight.state,
    `nothing is known of how this program can ${verb}`,
    'do it there: vc session attach',
  )

/** Nobody knows how such a program shows that it took a line: keys go out, and what follows is not claimed. */
function line(verb: AgentPlan['verb'], text: string, sight: AgentSight): Planned {
  const blocked = unreachable(sight, 'the program')
  if (blocked !== null) return blocked
  if (text.trim() === '') return refusal('empty_prompt', sight.state, 'the text is empty', 'give it some words')
  const here = {
    see: 'all',
    of: [
      { see: 'process', in: ['alive', 'unknown'] },
      { see: 'not', of: { see: 'in_mode' } },
    ],
  } as const
  return {
    verb,
    expects: here,
    steps: [
      { do: 'paste', text, onlyIf: here },
      { do: 'pause', ms: 300 },
      { do: 'keys', keys: ['Enter'], onlyIf: here },
    ],
    retry: null,
    proofs: verb === 'quit' ? [{ look: { see: 'process', in: ['gone'] }, end: 'ended', by: 'process table' }] : [],
    withinMs: verb === 'quit' ? 10_000 : 500,
    otherwise: [],
    watch: null,
    says: 'paste the text and press Enter; its effect cannot be told',
  }
}

/** Any other program in a terminal: alive is ready, and no effect is ever claimed. */
export const generic: AgentAdapter = {
  cli: 'generic',
  recorded: [],
  version: { argv: [], packageFirst: false, shape: '' },
  settleMs: { fresh: 0, resumed: 0 },
  launch,
  readiness: (sight) =>
    sight.process === 'alive'
      ? { ready: true }
      : { ready: false, why: sight.process === 'gone' ? 'ended' : 'unknown', says: `its process is ${sight.process}` },
  composer: () => null,
  selected: () => null,
  deliver: (prompt, sight) => line('deliver', pasteText(prompt), sight),
  answer: (_choice, _hash, sight) => cannot('be answered', sight),
  interrupt: (sight) => {
    const blocked = unreachable(sight, 'the program')
    if (blocked !== null) return blocked
    const present = { see: 'process', in: ['alive', 'unknown'] } as const
    return {
      verb: 'interrupt',
      expects: present,
      steps: [{ do: 'keys', keys: ['C-c'], onlyIf: present }],
      retry: null,
      proofs: [],
      withinMs: 500,
      otherwise: [],
      watch: null,
      says: 'press Ctrl-C; its effect cannot be told',
    }
  },
  compact: (sight) => cannot('compact', sight),
  quit: (sight) => line('quit', 'exit', sight),
}
