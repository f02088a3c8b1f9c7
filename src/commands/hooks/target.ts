/** What a settings file holds of vc's entries. `some`: another program took part of them out, or another vc wrote them. */
export type HookState = 'none' | 'all' | 'some'

/** One CLI's settings file and how vc's entries go in and out of its text. Null text: there is no file. */
export interface HookTarget {
  readonly cli: 'claude' | 'codex' | 'gemini'
  readonly file: string
  /** What these entries bring, and what they show on that CLI's screen. */
  readonly about: string
  /** Throws VcError `hooks_settings` for a text that cannot be understood; nothing is written then. */
  install(text: string | null): string
  remove(text: string): string
  state(text: string | null): HookState
}
