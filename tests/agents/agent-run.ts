import { setTimeout as pause } from 'node:timers/promises'
import { type AgentRows, explainAgent } from '../../src/commands/explain-agent.ts'
import { judgeBundle } from '../../src/commands/explain-bundle.ts'
import type { Cli } from './clis.ts'
import { agrees, looseOf, type Outcome, servedByModel, type Tokens } from './compare.ts'
import { ANSWERS, DRIVING } from './driving.ts'
import type { AgentLine, Lab } from './lab.ts'
import type { Scenario } from './scenarios.ts'
import type { Terminal } from './terminal.ts'

interface Look {
  /** The agent met before by its id, else the living one. */
  readonly same: AgentLine | null
  /** The agent whose process is below the terminal's shell now. */
  readonly living: AgentLine | null
}

const look = async (lab: Lab, terminal: Terminal, known: AgentLine | null): Promise<Look> => {
  await lab.product.collect()
  const agents = await lab.agents()
  const pids = new Set((await terminal.processes()).map((row) => row.pid))
  const living = agents.find((agent) => agent.ended === null && agent.pid !== null && pids.has(agent.pid)) ?? null
  return { living, same: known === null ? living : (agents.find((agent) => agent.agent === known.agent) ?? null) }
}

interface Verdict {
  readonly rule: string | null
  readonly winner: unknown
  readonly losers: readonly unknown[]
}

/** What `vc explain` would print; the kept product has no command line, so its query and the same words are used. */
const explained = async (lab: Lab, agent: string): Promise<Verdict> => {
  const rows = await lab.product.ask<AgentRows>('explain', { id: agent })
  return judgeBundle(explainAgent(rows)) as Verdict
}

/** A session that was asked once and left: its agent, which a resuming process must become again. */
const leave = async (lab: Lab): Promise<AgentLine | null> => {
  const terminal = await lab.launch()
  try {
    await terminal.sees(DRIVING[lab.cli].ready, 90_000)
    await terminal.say('mock:say')
    await terminal.sees(ANSWERS.answered)
    await pause(1_000)
    return (await look(lab, terminal, null)).living
  } finally {
    await terminal.close()
  }
}

/** One scenario in a fresh process: reach the state, look twice, compare. */
export async function runScenario(lab: Lab, scenario: Scenario, verbose: (line: string) => void): Promise<Outcome> {
  const cli: Cli = lab.cli
  const expected = scenario.expect[cli] ?? ['unknown']
  const notes: string[] = []
  const base = { cli, scenario: scenario.name, expected }
  const left = scenario.resumes ? await leave(lab) : null
  const terminal = await lab.launch(scenario.launch)
  try {
    let known: AgentLine | null = null
    if (!scenario.headless) {
      await terminal.sees(scenario.resumes ? DRIVING[cli].resumed : DRIVING[cli].ready, 90_000)
      known = (await look(lab, terminal, null)).living
      if (known === null) notes.push('unseen after the first look')
    }
    // a resumed session is drawn twice; what is typed between is lost
    if (scenario.resumes) await pause(2_000)
    await scenario.act(terminal, cli, lab)
    const { same: first } = await look(lab, terminal, left ?? known)
    const { same: last, living } = await look(lab, terminal, left ?? known ?? first)
    if (living !== null && last !== null && living.agent !== last.agent)
      notes.push(`now ${living.agent}, was ${last.agent}`)
    if (expected[0] === 'dead' && last !== null && last.ended === null) notes.push('not ended')
    if (expected[0] !== 'dead' && last !== null && last.ended !== null) notes.push('ended though alive')
    const verdict = last === null ? null : await explained(lab, last.agent)
    if (verdict !== null && (verdict.winner === null) !== (last?.state === 'unknown')) notes.push('explain names no winner')
    if (verdict !== null && verdict.rule !== last?.rule) notes.push(`explain says ${verdict.rule}`)
    const right = last !== null && expected.includes(last.state)
    if (!right || notes.length > 0) {
      verbose(await terminal.screen())
      verbose(`title: ${await terminal.title()}`)
      if (verdict !== null) verbose(JSON.stringify(verdict, null, 1))
      else verbose(JSON.stringify(await lab.agents(), null, 1))
    }
    return { ...base, first: first?.state ?? null, got: last?.state ?? null, rule: last?.rule ?? null, notes }
  } catch (error) {
    return { ...base, first: null, got: null, rule: null, notes: [`not reached: ${(error as Error).message}`] }
  } finally {
    await terminal.close()
  }
}

interface UsageGroup {
  readonly key: string | null
  readonly messages: number
  readonly input_tokens: number
  readonly output_tokens: number
  readonly cache_read_tokens: number
  readonly cache_write_tokens: number
}

/** Differences between the ledger and what was served, per model; empty when they agree. */
export async function usageDifferences(lab: Lab): Promise<readonly string[]> {
  await lab.product.collect()
  const requests = await lab.requests()
  const served = servedByModel(lab.cli, requests)
  const { groups } = await lab.product.ask<{ groups: readonly UsageGroup[] }>('usage', { since: '24h', by: 'model' })
  const stored = new Map<string, Tokens>(
    groups.map((g) => [
      (g.key ?? 'unknown').split('/').at(-1) ?? '',
      {
        messages: g.messages,
        input: g.input_tokens,
        output: g.output_tokens,
        cacheRead: g.cache_read_tokens,
        cacheWrite: g.cache_write_tokens,
      },
    ]),
  )
  const models = new Set([...served.keys(), ...stored.keys()])
  return [...models].flatMap((model) => {
    const [a, b] = [served.get(model), stored.get(model)]
    if (a !== undefined && b !== undefined && agrees(a, b, looseOf(lab.cli, model, requests))) return []
    return [`${lab.cli} ${model}: served ${JSON.stringify(a ?? null)}, ledger ${JSON.stringify(b ?? null)}`]
  })
}
