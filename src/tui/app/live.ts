import { messageOf, VcError } from '../../core/errors.ts'
import type { LiveScreen, TuiPorts } from '../ports.ts'
import { ageWords } from '../view/age.ts'
import { type Line, span } from '../view/line.ts'
import { foldText } from './layers/detail.ts'

interface Looked {
  screen: LiveScreen | null
  /** What was painted last: what a person has before them. */
  shown: LiveScreen | null
  error: string | null
  atMs: number | null
  askedMs: number
  wantedMs: number
  underWay: boolean
}

/** A look costs the machine a command: not more often than this, and only while somebody watches. */
const EVERY_MS = 2_000
/** An older picture takes no keys. What it shows may be long gone: whether its dialog is, is looked at with each key anyway. */
const TYPED_AT_MS = 60_000
/** While keys go to the agent. */
const TYPING_EVERY_MS = 700
const FORGET_MS = 60_000
const OLD_MS = 6_000

/** Screens of agents that are being watched. */
export const openLive = ({ live, monotonicMs }: Pick<TuiPorts, 'live' | 'monotonicMs'>, changed: () => void) => {
  const looked = new Map<string, Looked>()

  const look = (agent: string, one: Looked): void => {
    one.underWay = true
    one.askedMs = monotonicMs()
    live(agent)
      .then(
        (screen) => {
          one.screen = screen
          one.error = null
          one.atMs = monotonicMs()
        },
        (error: unknown) => {
          one.error = error instanceof VcError ? `${error.message} (${error.fix})` : messageOf(error)
        },
      )
      .finally(() => {
        one.underWay = false
        changed()
      })
      .catch(() => undefined)
  }
  return {
    /** These are watched now: looked at again when it is time; `typing` is the one that gets the keys. */
    want(agents: readonly string[], typing: string | null = null): void {
      const now = monotonicMs()
      for (const agent of agents) {
        const one = looked.get(agent) ?? {
          screen: null,
          shown: null,
          error: null,
          atMs: null,
          askedMs: Number.NEGATIVE_INFINITY,
          wantedMs: now,
          underWay: false,
        }
        looked.set(agent, one)
        one.wantedMs = now
        const everyMs = agent === typing ? TYPING_EVERY_MS : EVERY_MS
        if (!one.underWay && now - one.askedMs >= everyMs) look(agent, one)
      }
      for (const [agent, one] of looked) if (now - one.wantedMs > FORGET_MS && !one.underWay) looked.delete(agent)
    },
    /** Looked at anew as soon as it is painted: something was done to it. */
    again(agent: string): void {
      const one = looked.get(agent)
      if (one !== undefined) one.askedMs = Number.NEGATIVE_INFINITY
      changed()
    },
    /** What stands before the person now; null when it is old, or was never seen. */
    seen(agent: string): { readonly dialog: string | null } | null {
      const one = looked.get(agent)
      if (one?.shown == null || one.atMs === null) return null
      return monotonicMs() - one.atMs > TYPED_AT_MS ? null : { dialog: one.shown.dialog ?? null }
    },
    /** Ready lines and what to say beside the title. */
    stand(agent: string, width: number): { readonly lines: readonly Line[]; readonly note: Line } {
      const one = looked.get(agent)
      if (one === undefined || (one.screen === null && one.error === null))
        return { lines: [[span(' looking at the agent …', 'muted')]], note: [] }
      one.shown = one.screen
      const ageMs = one.atMs === null ? null : monotonicMs() - one.atMs
      const old =
        ageMs !== null && ageMs > OLD_MS
          ? [span(`${ageWords(ageMs / 1000)} old`, 'stale')]
          : [span('read-only', 'muted')]
      const said = one.error ?? one.screen?.note ?? null
      const tone = one.error === null ? 'muted' : 'bad'
      const trouble: Line[] =
        said === null ? [] : foldText(said, Math.max(8, width - 1)).map((line) => [span(` ${line}`, tone)])
      return { lines: [...trouble, ...(one.screen?.lines ?? [])], note: one.screen === null ? [] : old }
    },
  }
}
export type Live = ReturnType<typeof openLive>
