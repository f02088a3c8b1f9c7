import type { AgentAdapter, AgentSight, ComposerSight, Readiness } from '../../core/agent-adapter.ts'
import { answerDialog, type ChooseOption, type PlainLabels } from './answers.ts'
import { compactPlan, deliverPlan, interruptPlan, type Manners, quitPlan } from './plans.ts'

/** What one CLI brings; the verbs follow from it. */
export interface CliFacts
  extends Pick<AgentAdapter, 'cli' | 'recorded' | 'version' | 'settleMs' | 'launch' | 'composer' | 'selected'> {
  readonly manners: Manners
  readonly plain: PlainLabels
  readonly choose: ChooseOption
  /** The CLI is still loading an old session: its input line is drawn and loses what is typed. */
  readonly loading: (sight: AgentSight, composer: ComposerSight | null, resumed: boolean) => boolean
}

/** Text that stands in the composer, '' when only a suggestion of the CLI does, null when none is drawn. */
export const composerText = (composer: ComposerSight | null): string | null =>
  composer === null ? null : composer.ghost ? '' : composer.text.trim()

const notReady = (why: Exclude<Readiness, { ready: true }>['why'], says: string): Readiness => ({
  ready: false,
  why,
  says,
})

const readinessOf = (sight: AgentSight, composer: ComposerSight | null, loading: boolean): Readiness => {
  if (sight.process === 'gone' || sight.state === 'dead') return notReady('ended', 'no live process of it')
  if (sight.process === 'stopped') return notReady('stopped', 'its process is stopped')
  if (sight.dialog !== null) return notReady('dialog', sight.dialog.title)
  if (sight.state === 'needs_approval' || sight.state === 'asked_question') return notReady('dialog', sight.state)
  if (sight.state === 'working' || sight.live === 'busy') return notReady('busy', 'a turn runs')
  if (composer === null) return notReady('starting', 'no input line is drawn yet')
  if (loading) return notReady('starting', 'its session is being loaded')
  if (!['idle', 'turn_finished', 'failed', 'rate_limited'].includes(sight.state))
    return notReady('unknown', `its state is ${sight.state}`)
  return { ready: true }
}

export function makeAdapter(facts: CliFacts): AgentAdapter {
  const { manners, plain, choose } = facts
  const typed = (sight: AgentSight): string | null => composerText(facts.composer(sight))
  return {
    cli: facts.cli,
    recorded: facts.recorded,
    version: facts.version,
    settleMs: facts.settleMs,
    launch: facts.launch,
    composer: facts.composer,
    selected: facts.selected,
    readiness: (sight, resumed = false) => {
      const composer = facts.composer(sight)
      return readinessOf(sight, composer, facts.loading(sight, composer, resumed))
    },
    deliver: (prompt, sight) => deliverPlan(prompt, sight, manners, typed(sight)),
    answer: (choice, hash, sight) => answerDialog(choice, hash, sight, { name: manners.name, plain, choose }),
    interrupt: (sight) => interruptPlan(sight, manners),
    compact: (sight) => compactPlan(sight, manners, typed(sight)),
    quit: (sight) => quitPlan(sight, manners, typed(sight)),
  }
}
