import type { AgentSight, Choice, Planned, PlanStep } from '../../core/agent-adapter.ts'
import { displayText } from '../../core/text.ts'
import { answerPlan } from './plans.ts'
import { refusal } from './prompt-text.ts'

/** Which labels mean a plain yes (this once, nothing wider) and a plain no; anything else must be named. */
export interface PlainLabels {
  readonly yes: RegExp
  readonly no: RegExp
}

/** Steps that choose the option at this index; null: this CLI gives no safe key for it. */
export type ChooseOption = (label: string, index: number, sight: AgentSight, hash: string) => readonly PlanStep[] | null

const shown = (labels: readonly string[]): string => labels.map((label) => `"${displayText(label, 60)}"`).join(', ')

/** The one label that is meant; null when none or several match. */
function labelOf(choice: Choice, options: readonly string[], plain: PlainLabels): string | null {
  const matching =
    choice.say === 'label'
      ? options.filter((label) => label === choice.label)
      : options.filter((label) => (choice.say === 'approve' ? plain.yes : plain.no).test(label))
  return matching.length === 1 ? (matching[0] ?? null) : null
}

/** Answers the dialog that a person saw, and no other, by the label that stands on the screen now. */
export function answerDialog(
  choice: Choice,
  dialogHash: string,
  sight: AgentSight,
  how: { readonly name: string; readonly plain: PlainLabels; readonly choose: ChooseOption },
): Planned {
  const no = (code: string, message: string, fix: string): Planned => refusal(code, sight.state, message, fix)
  if (sight.process === 'gone' || sight.process === 'stopped')
    return no('ended', `${how.name} does not run any more; its dialog is only a picture`, 'resume it: vc agent recover')
  if (sight.inMode) return no('copy_mode', 'somebody scrolls in its terminal', 'leave copy mode there')
  const { dialog } = sight
  if (dialog === null) return no('no_dialog', `${how.name} asks nothing now`, 'look at it: vc agent show')
  if (dialog.hash !== dialogHash)
    return no('prompt_changed', 'another dialog is on its screen than the one you saw', 'look at it again, then answer')
  const label = labelOf(choice, dialog.options, how.plain)
  if (label === null)
    return no(
      'no_such_option',
      `no single option means ${choice.say === 'label' ? `"${displayText(choice.label, 60)}"` : choice.say}; there are ${shown(dialog.options)}`,
      'name the option by its label: --label LABEL',
    )
  const steps = how.choose(label, dialog.options.indexOf(label), sight, dialog.hash)
  if (steps === null)
    return no('dialog_unclear', 'its options cannot be told apart on the screen', 'answer it there: vc session attach')
  const rejects = choice.say === 'reject' || (choice.say === 'label' && how.plain.no.test(label))
  return answerPlan(rejects ? 'reject' : 'approve', dialog.hash, displayText(label, 80), steps)
}
