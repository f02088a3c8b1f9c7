import type { Refusal } from '../core/action.ts'
import type { Executor } from '../core/executor.ts'
import { sh } from '../core/sh.ts'
import { runAct } from './hosts/machine-act.ts'

/** Tools that keep issues, each with its own way of being asked to keep quiet. */
export const BEAD_TOOLS = ['bd', 'br'] as const
export type BeadTool = (typeof BEAD_TOOLS)[number]

// "$1" project folder, "$2" tool, "$3" issue, "$4" the note, "$5" the mark in it by which it is found again.
const NOTE_SCRIPT = sh`cd "$1" 2>/dev/null || { printf '@%s no no_project\n' "$N"; return; }
command -v "$2" >/dev/null 2>&1 || { printf '@%s no tool_missing\n' "$N"; return; }
vc_has() { "$1" comments "$2" --json 2>/dev/null | grep -c -F -- "$3"; }
[ "$(vc_has "$2" "$3" "$5")" != 0 ] && { printf '@%s there\n' "$N"; return; }
"$2" comments add "$3" "$4" >/dev/null 2>&1; printf '@%s ran %s\n' "$N" "$?"
[ "$(vc_has "$2" "$3" "$5")" != 0 ] && printf '@%s seen\n' "$N"`

const NOTE_MS = 60_000

export interface BeadNote {
  /** Folder of the project on that machine. */
  readonly project: string
  readonly tool: BeadTool
  readonly issue: string
  readonly text: string
  /** Stands in the text, and in no other note. */
  readonly mark: string
}

/** `there`: noted before, nothing was written again · `unseen`: the tool ran and its own list does not show it. */
export type BeadNoted =
  | { readonly is: 'noted' | 'there' | 'unseen' }
  | { readonly is: 'refused'; readonly refusal: Refusal }

const refused = (code: string, message: string, fix: string): BeadNoted => ({
  is: 'refused',
  refusal: { code, message, fix },
})

/** Adds a comment to an issue with the tool that keeps it, and looks for it there. Throws when it may or may not be there. */
export const noteOnBead = async (executor: Executor, note: BeadNote): Promise<BeadNoted> => {
  const { project, tool, issue, text, mark } = note
  const args = [project, tool, issue, text, mark]
  const answer = await runAct(executor, { name: 'bead.note', script: NOTE_SCRIPT, args, deadlineMs: NOTE_MS })
  if (answer.is === 'not_reached')
    return refused('not_reached', `the machine was not reached: ${answer.detail}`, 'vc doctor')
  const said = (tag: string): boolean => answer.records.some((record) => record.tag === tag)
  if (said('no no_project')) return refused('no_project', `there is no folder ${project}`, 'vc robot beads')
  if (said('no tool_missing'))
    return refused('tool_missing', `${tool} is not on the PATH that vc uses there`, 'vc doctor')
  if (said('there')) return { is: 'there' }
  if (said('seen')) return { is: 'noted' }
  if (answer.is === 'broken_off') throw new Error(`${tool} was at work when the way broke off: ${answer.detail}`)
  if (said('ran 0')) return { is: 'unseen' }
  return refused(
    'tool_refused',
    `${tool} took no comment on ${issue}`,
    `try it by hand: ${tool} comments add ${issue} "…"`,
  )
}
