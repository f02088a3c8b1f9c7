import type { Answer, ScriptAsk } from '../../src/core/ask.ts'
import { composeFrame, type Frame, parseFrame, type TimeoutTool } from '../../src/transport/frame.ts'
import { hasProgram } from '../programs.ts'
import { shMachine } from './sh-machine.ts'

export const NONCE = '0123456789abcdef0123456789abcdef'
// mksh was tried by hand; the others are what machines have as sh.
export const SHELLS = ['dash', 'bash', 'busybox sh'].filter((shell) => hasProgram(shell.split(' ')[0] ?? ''))

interface RunOptions {
  readonly shell?: string
  readonly tool?: TimeoutTool | 'auto'
  readonly deadlineMs?: number
}

export async function play(asks: readonly ScriptAsk[], options: RunOptions = {}): Promise<Frame> {
  const { shell = 'sh', tool = 'timeout', deadlineMs = 60_000 } = options
  const script = composeFrame(asks, { nonce: NONCE, remoteTimeout: tool, deadlineMs })
  const limits = { deadlineMs: 25_000, maxStdout: 1e7, maxStderr: 1e7 }
  const ran = await shMachine({ shell: [...shell.split(' '), '-s'] }).run({ script, ...limits })
  return parseFrame(NONCE, asks, { ...ran, execMs: ran.timings.execMs })
}

export const answers = (frame: Frame): readonly Answer[] =>
  frame.slots.flatMap((slot) => (slot.is === 'done' ? [slot.answer] : []))
export const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('utf8')
export const echo = (args: readonly string[]): ScriptAsk => ({ script: '# vc:ask t.echo\nprintf "%s\\0" "$@"', args })
