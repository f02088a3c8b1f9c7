import { messageOf } from '../../core/errors.ts'
import type { KeptConnections } from '../kept-connections.ts'
import { failure, type WayFailure } from './failure.ts'
import type { Got, Link } from './link.ts'

/** A connection to a jump host, as one target sees it: `leave` when the target's own connection is over. */
export interface Carrier {
  readonly name: string
  readonly link: Link
  leave(): void
}

/** What a target says when it was its jump host that failed. */
export const byJumpHost = (name: string, why: WayFailure): WayFailure => ({
  ...why,
  ...failure(why.class, `jump host ${name}: ${why.detail}`),
})

/** Connections to jump hosts, shared by the targets behind them. */
export interface Bastions {
  /**
   * Room on a connection for this way (`key`), or a new one. Who asks while it opens shares its fate: one login for all
   * after a loss, one failure for all when it fails. Never rejects.
   */
  take(key: string, name: string, open: () => Promise<Got<Link>>): Promise<Got<Carrier>>
}

interface Shared {
  users: number
  readonly opening: Promise<Got<Link>>
}

// sshd allows ten channels on one connection by default; two are left for others.
const TARGETS_PER_CONNECTION = 8

export const openBastions = (connections?: KeptConnections): Bastions => {
  const open = new Map<string, Set<Shared>>()

  const forget = (key: string, shared: Shared): void => {
    const all = open.get(key)
    all?.delete(shared)
    if (all?.size === 0) open.delete(key)
  }
  const begin = (key: string, connect: () => Promise<Got<Link>>): Shared => {
    const opening = connect().catch(
      (error: unknown): Got<Link> => ({ is: 'failed', failure: failure('transport', messageOf(error)) }),
    )
    const shared: Shared = { users: 0, opening }
    const all = open.get(key) ?? new Set()
    open.set(key, all.add(shared))
    void opening.then((got) => {
      if (got.is === 'failed') return forget(key, shared)
      // It closes with its last target, never for being idle: it counts as in use.
      const slot = connections?.add(() => {})
      slot?.use()
      got.value.onLost(() => {
        slot?.gone()
        forget(key, shared)
      })
    })
    return shared
  }
  return {
    async take(key, name, connect) {
      const room = [...(open.get(key) ?? [])].find((one) => one.users < TARGETS_PER_CONNECTION)
      const shared = room ?? begin(key, connect)
      shared.users += 1
      const got = await shared.opening
      if (got.is === 'failed') return got
      let here = true
      return {
        is: 'open',
        value: {
          name,
          link: got.value,
          leave() {
            if (!here) return
            here = false
            shared.users -= 1
            if (shared.users === 0) got.value.close()
          },
        },
      }
    },
  }
}
