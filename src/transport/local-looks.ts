import { type Answer, type ScriptAsk, wholeScript } from '../core/ask.ts'
import { liveHere } from './local-live.ts'
import { probeHere } from './local-probe.ts'
import { openTmuxHere } from './local-tmux.ts'

/** Questions about this machine that need no process to be answered. */
export interface LocalLooks {
  /** What the script would print; null when it must be run. Never rejects. */
  answer(ask: ScriptAsk): Promise<string | null>
  /** The script was run after all: what its answer says may spare the next one. */
  learn(ask: ScriptAsk, answer: Answer): void
}

/**
 * Starting a shell from a large process costs more than what the common looks want to know. So their text is put together
 * here, in the very words of their script, and parsed by the same parser; whatever is out of the ordinary asks the script.
 */
export const openLocalLooks = (): LocalLooks => {
  const tmux = openTmuxHere()
  return {
    async answer(ask) {
      const script = wholeScript(ask)
      const asked = [() => probeHere(script), () => tmux.answer(script), () => liveHere({ ...ask, script })]
      for (const look of asked) {
        const text = await look().catch(() => null)
        if (text !== null) return text
      }
      return null
    },
    learn(ask, { fault, stdout }) {
      if (fault === null && stdout.length < 4096) tmux.learn(wholeScript(ask), Buffer.from(stdout).toString('utf8'))
    },
  }
}
