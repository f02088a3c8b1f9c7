import { randomBytes } from 'node:crypto'
import type { ActWish, Proposal } from '../core/action.ts'
import { EXIT, VcError } from '../core/errors.ts'

interface Pending {
  readonly wish: ActWish
  readonly proposal: Proposal
  readonly expiresAt: Date
}

/** Questions that wait for a person's answer. In memory only: a restart forgets them, and nothing is done. */
export interface ActTokens {
  keep(wish: ActWish, proposal: Proposal): { readonly token: string; readonly expiresAt: Date }
  /** Once per token; `spent`: what a token was about that was used or ran out. Null: there never was such a token. */
  take(token: string): { readonly wish: ActWish; readonly proposal: Proposal } | { readonly spent: Proposal } | null
}

/** What an answer gets whose question is over. */
export const badToken = (): VcError =>
  new VcError('bad_token', 'this question was answered already, ran out, or never was', 'ask anew', {
    exitCode: EXIT.refused,
  })

/** Time to read a dialog and decide, not to come back after lunch to another screen. */
const LIFE_MS = 120_000
/** Nobody has this many questions open; a flood of proposals must not grow without end. */
const MOST = 200

export const openActTokens = (now: () => Date, lifeMs = LIFE_MS): ActTokens => {
  const pending = new Map<string, Pending>()
  // What they were about is remembered a while, for the audit of whoever answers again or too late.
  const spent = new Map<string, Proposal>()
  const end = (token: string): void => {
    const ended = pending.get(token)
    pending.delete(token)
    if (ended === undefined) return
    spent.set(token, ended.proposal)
    if (spent.size > MOST) spent.delete(spent.keys().next().value ?? '')
  }
  const forgetOld = (): void => {
    for (const [token, { expiresAt }] of pending) if (expiresAt.getTime() <= now().getTime()) end(token)
    for (const token of pending.keys()) if (pending.size >= MOST) end(token)
  }
  return {
    keep(wish, proposal) {
      forgetOld()
      const token = randomBytes(24).toString('base64url')
      const expiresAt = new Date(now().getTime() + lifeMs)
      pending.set(token, { wish, proposal, expiresAt })
      return { token, expiresAt }
    },
    take(token) {
      forgetOld()
      const found = pending.get(token)
      const proposal = spent.get(token)
      end(token)
      return found ?? (proposal === undefined ? null : { spent: proposal })
    },
  }
}
