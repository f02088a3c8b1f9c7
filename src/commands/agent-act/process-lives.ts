import type { Executor } from '../../core/executor.ts'
import { runAct } from '../../engine/hosts/machine-act.ts'
import { TMUX_PRELUDE } from '../../engine/hosts/tmux-prelude.ts'

/** "$1" pid */
const SCRIPT = `${TMUX_PRELUDE}
if vc_ticks "$1"; then vc_say "began $K"; else vc_say gone; fi`

/** Whether the very process that vc saw, by its start, is still there. */
export const processLives = async (
  executor: Executor,
  pid: number,
  startTicks: number,
): Promise<'lives' | 'gone' | 'unknown'> => {
  const answer = await runAct(executor, {
    name: 'act.process',
    script: SCRIPT,
    args: [String(pid)],
    deadlineMs: 10_000,
  })
  if (answer.is !== 'answered') return 'unknown'
  const [record] = answer.records
  if (record?.tag === 'gone') return 'gone'
  return record?.tag === `began ${startTicks}` ? 'lives' : record === undefined ? 'unknown' : 'gone'
}
