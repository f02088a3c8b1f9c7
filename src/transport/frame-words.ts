import type { Answer } from '../core/ask.ts'

/**
 * Tool on the machine that ends an ask which outlives its time; `auto` = let the frame find out. `setsid` = a group by
 * that program and a watchdog of the shell's own, `plain` = a timeout that makes no group.
 */
export type TimeoutTool = 'timeout' | 'gtimeout' | 'perl' | 'setsid' | 'plain' | 'none'
export const TIMEOUT_TOOLS: readonly TimeoutTool[] = ['timeout', 'gtimeout', 'perl', 'setsid', 'plain', 'none']

export const FRAME_VERSION = 1

/** Limits of an ask that names none. */
export const ASK_DEFAULTS = { timeoutMs: 5_000, maxBytes: 1024 * 1024, maxStderr: 64 * 1024 } as const

/**
 * How far one ask of a frame came: `done` ended by itself or by its deadline; `cut` had begun when the frame ended;
 * `late` was not begun because the frame's own deadline had passed; `unstarted` was never reached.
 */
export type FrameSlot =
  | { readonly is: 'done'; readonly answer: Answer }
  | { readonly is: 'cut'; readonly stdout: Uint8Array; readonly stderr: Uint8Array }
  | { readonly is: 'late' }
  | { readonly is: 'unstarted' }

/** What one exec brought back. `begun` false = no marker: not our script that spoke. */
export interface Frame {
  readonly begun: boolean
  readonly complete: boolean
  /** What found itself to be the time-out tool there; null before `begun`. */
  readonly tool: TimeoutTool | null
  readonly slots: readonly FrameSlot[]
}

/** `# vc:ask <name>`, the first line of every ask's script; null when the script does not say. */
export const askName = (script: string): string | null => /^# vc:ask (\S+)/.exec(script)?.[1] ?? null
