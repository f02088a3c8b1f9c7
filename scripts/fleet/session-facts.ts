import { createHash } from 'node:crypto'
import type { DemoAgent, DemoMachine } from './describe.ts'

const DAY_S = 86_400
const DAYS_BEFORE = 2

/** Boot clock of every demo machine: up for ten days, agents started two hours ago. */
export const UP_S = 864_000
export const HZ = 100
export const START_TICKS = (UP_S - 7_200) * HZ
export const HOME = '/home/dev'

/** A stable version 4 UUID of some words. */
export const uuidOf = (words: string): string => {
  const hex = createHash('sha256').update(words).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

export const sessionIdOf = ({ pid, cli, cwd }: DemoAgent): string =>
  cli === 'opencode'
    ? `ses_${uuidOf(`${pid} ${cwd}`).replaceAll('-', '').slice(0, 26)}`
    : uuidOf(`${pid} ${cli} ${cwd}`)

/** One session's file as the machine hands it out: the lines the ledger needs, and the newest ones about the state. */
export interface DemoTranscript {
  readonly path: string
  readonly lines: readonly object[]
  readonly newest: readonly object[]
}

/** One answer of a model: when (a mark for the player) and which. */
export interface DemoAnswer {
  /** Inner part of a mark, to be used as `@{${at('iso')}}`. */
  readonly at: (kind: 'iso' | 'epochms') => string
  readonly id: string
}

/** All answers of an agent's session, oldest first: some on each of two days before, the rest spread over today. */
export const answersOf = (agent: DemoAgent): readonly DemoAnswer[] => {
  const { answersToday } = agent.usage
  const id = (which: string): string => uuidOf(`${agent.pid} ${agent.cwd} ${which}`).replaceAll('-', '').slice(0, 24)
  const before = Array.from({ length: DAYS_BEFORE * answersToday }, (_, i) => {
    const agoS = (DAYS_BEFORE - Math.floor(i / answersToday)) * DAY_S - (i % answersToday) * 40
    return { at: (kind: string) => `start.${kind}-${agoS}`, id: id(`before ${i}`) }
  })
  const today = Array.from({ length: answersToday }, (_, i) => {
    const share = ((i + 1) / (answersToday + 1)).toFixed(3)
    return { at: (kind: string) => `today.${kind}*${share}`, id: id(`today ${i}`) }
  })
  return [...before, ...today]
}

export const agentsOf = (machine: DemoMachine, cli: DemoAgent['cli']): readonly DemoAgent[] =>
  machine.agents.filter((agent) => agent.cli === cli)
