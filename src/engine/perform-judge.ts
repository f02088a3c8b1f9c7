import type { AgentSight, Look } from '../core/agent-adapter.ts'
import type { AgentEye } from '../core/agent-eye.ts'
import type { Screen } from '../core/session-host.ts'
import { bare } from './adapters/prompt-text.ts'
import { holds, type LookContext } from './look.ts'

/**
 * Judges a screen taken under the writer's lock, where colours and process table are missing: those are taken from the sight
 * of a moment ago, as long as the words they belong to still stand there.
 */
export function screenJudge(
  onlyIf: Look,
  fresh: AgentSight,
  context: LookContext,
  eye: Pick<AgentEye, 'dialogOf'>,
): (screen: Screen) => string | null {
  const { adapter } = context
  return ({ text, pane }) => {
    const now: AgentSight = {
      ...fresh,
      screen: text,
      title: pane.title,
      inMode: pane.inMode,
      dialog: eye.dialogOf(text),
    }
    const plainComposer = (sight: AgentSight) => adapter.composer({ ...sight, ansi: '' })
    const composer: typeof adapter.composer = (sight) => {
      const [then, here] = [plainComposer(fresh), plainComposer(sight)]
      return then !== null && here !== null && bare(then.text) === bare(here.text) ? adapter.composer(fresh) : here
    }
    const selected: typeof adapter.selected = (sight) =>
      sight.dialog?.hash === fresh.dialog?.hash ? adapter.selected(fresh) : null
    const held = holds(onlyIf, now, { before: context.before, adapter: { composer, selected } })
    return held ? null : 'the screen changed'
  }
}

const dialogHashes = (look: Look): readonly string[] => {
  if (look.see === 'dialog') return [look.hash]
  return look.see === 'all' ? look.of.flatMap(dialogHashes) : []
}

/** Pieces that must still be there in the instant of typing: how the dialog's options begin, as they stand on the screen. */
export function shownPieces(onlyIf: Look, sight: Pick<AgentSight, 'dialog' | 'screen'>): readonly string[] {
  const { dialog } = sight
  if (dialog === null || !dialogHashes(onlyIf).includes(dialog.hash)) return []
  return dialog.options
    .map((label) => label.slice(0, 24).trim())
    .filter((piece) => piece !== '' && sight.screen.includes(piece))
    .slice(0, 9)
}
