import type { HostPane, PaneRef } from '../core/session-host.ts'

/** Where the store says an agent runs. */
export interface Expected {
  readonly agentId: string
  /** Null: its start was begun and its place not written down before vc ended. */
  readonly place: {
    readonly socket: string
    readonly serverStartS: number
    readonly paneId: string
    readonly pid: number
    readonly startTicks: number
  } | null
  /** Which start of this agent; stands in the tags of its terminal. */
  readonly launch: string
  /** Boot of the machine when it was started; null: not known. */
  readonly bootId: string | null
}

export type Finding =
  | { readonly is: 'alive'; readonly agentId: string; readonly pane: HostPane }
  | { readonly is: 'ended'; readonly agentId: string; readonly pane: HostPane | null; readonly why: string }
  /** The machine was started anew since: nothing of before can live. */
  | { readonly is: 'lost'; readonly agentId: string; readonly why: string }
  /** Cannot be told now; nothing is concluded. */
  | { readonly is: 'unknown'; readonly agentId: string; readonly why: string }

/** Tags that vc gives the terminals of its agents. */
export const AGENT_TAG = 'agent'
export const LAUNCH_TAG = 'launch'

const sameTerminal = (ref: PaneRef, place: NonNullable<Expected['place']>): boolean =>
  ref.paneId === place.paneId && ref.serverStartS === place.serverStartS

const findingOf = (expected: Expected, panes: readonly HostPane[], bootId: string | null): Finding => {
  const { agentId, place } = expected
  const tagged = panes.find((pane) => pane.tags[AGENT_TAG] === agentId && pane.tags[LAUNCH_TAG] === expected.launch)
  const pane = place === null ? tagged : panes.find((one) => sameTerminal(one.ref, place))
  if (pane === undefined) {
    if (expected.bootId !== null && bootId !== null && expected.bootId !== bootId)
      return { is: 'lost', agentId, why: 'its machine was started anew since, or its name leads to another one' }
    if (bootId === null)
      return { is: 'unknown', agentId, why: 'no such terminal, and the boot of the machine is not known' }
    return { is: 'ended', agentId, pane: null, why: place === null ? 'it was never started' : 'its terminal is gone' }
  }
  if (place !== null && (pane.ref.pid !== place.pid || pane.ref.startTicks !== place.startTicks))
    return { is: 'ended', agentId, pane: null, why: 'another process has its terminal' }
  return pane.dead === null
    ? { is: 'alive', agentId, pane }
    : { is: 'ended', agentId, pane, why: endWords(pane.dead.status, pane.dead.signal) }
}

const endWords = (status: number | null, signal: number | null): string => {
  if (signal !== null) return `its process was ended by signal ${signal}`
  return status === null ? 'its process ended' : `its process ended with exit ${status}`
}

/** What one list of terminals says about the agents expected on that machine. Pure; silence of a machine never comes here. */
export const reconcile = (
  expected: readonly Expected[],
  panes: readonly HostPane[],
  bootId: string | null,
): readonly Finding[] => expected.map((one) => findingOf(one, panes, bootId))
