import type { AgentAdapter, AgentSight, ComposerSight, Look } from '../core/agent-adapter.ts'
import { bare } from './adapters/prompt-text.ts'
import { plainRows } from './adapters/screen-rows.ts'

/** What is needed to hold a look against a sight. `before`: the sight from before the first key. */
export interface LookContext {
  readonly adapter: Pick<AgentAdapter, 'composer' | 'selected'>
  readonly before: AgentSight
}

/** A part this long proves a text of which the composer shows only some rows. */
const ENOUGH = 40

/** The composer holds this text and nothing else, as far as it shows it. */
export function composerHolds(composer: ComposerSight | null, text: string): boolean {
  if (composer === null || composer.ghost) return false
  const [shown, meant] = [bare(composer.text), bare(text)]
  if (shown === meant) return true
  if (composer.folded) return true
  return shown.length >= ENOUGH && meant.includes(shown)
}

const grew = (now: number | null, before: number | null): boolean => now !== null && now > (before ?? 0)

const tail = (screen: string, rows: number): string => plainRows(screen).slice(-rows).join('\n')

const times = (look: Extract<Look, { see: 'words' }>, { screen }: AgentSight): number =>
  [...tail(screen, look.rows).matchAll(new RegExp(look.shape, 'gu'))].length

/** Whether a look holds. Pure: unknown never holds, and `not` of something unknown holds only where the screen was read. */
export function holds(look: Look, sight: AgentSight, context: LookContext): boolean {
  const inner = (other: Look): boolean => holds(other, sight, context)
  switch (look.see) {
    case 'state':
      return look.in.includes(sight.state)
    case 'live':
      return sight.live !== null && look.in.includes(sight.live)
    case 'process':
      return look.in.includes(sight.process)
    case 'dialog':
      return sight.dialog?.hash === look.hash
    case 'some_dialog':
      return sight.dialog !== null
    case 'selected':
      return context.adapter.selected(sight) === look.label
    case 'composer_empty': {
      const composer = context.adapter.composer(sight)
      return composer !== null && (composer.ghost || composer.text.trim() === '')
    }
    case 'composer_holds':
      return composerHolds(context.adapter.composer(sight), look.text)
    case 'recorded':
      return grew(sight.recorded, context.before.recorded)
    case 'kept_for_later':
      return grew(sight.waiting, context.before.waiting)
    case 'words':
      return times(look, sight) > (look.more === true ? times(look, context.before) : 0)
    case 'in_mode':
      return sight.inMode
    case 'all':
      return look.of.every(inner)
    case 'any':
      return look.of.some(inner)
    case 'not':
      return !inner(look.of)
  }
}
