import type { MissionActed } from '../commands/missions/act.ts'
import { EXIT } from '../core/errors.ts'
import { typedText } from '../core/quoted-text.ts'
import { displayText } from '../core/text.ts'
import type { CliContext } from './context.ts'

/** Text of several lines, as it may be shown on a terminal. */
export const block = (text: string): string =>
  typedText(text)
    .split('\n')
    .map((line) => `  ${displayText(line, 2_000)}`)
    .join('\n')

/** Prints what an action came to; refused is exit 4. */
export const printMissionActed = (ctx: CliContext, acted: MissionActed): void => {
  if (acted.outcome === 'refused') ctx.exit(EXIT.refused)
  if (ctx.format(['table', 'json']) === 'json') {
    ctx.printJson({ data: { ...acted, refusal: acted.refusal ?? null } })
    return
  }
  if (acted.refusal !== undefined) {
    const { message, fix } = acted.refusal
    ctx.io.stderr.write(`vc: refused: ${displayText(message, 500)}\n  fix: ${displayText(fix, 300)}\n`)
    return
  }
  for (const { what } of acted.effects) ctx.print(displayText(what, 300))
  if (acted.convoy) ctx.print(`convoy ${acted.convoy}`)
  if (acted.brief !== undefined) ctx.print(typedText(acted.brief))
}
