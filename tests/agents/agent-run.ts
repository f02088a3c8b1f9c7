import type { Cli } from './clis.ts'
import { type Outcome, servedByModel, type Tokens } from './compare.ts'
import { DRIVING } from './driving.ts'
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
  await lab.collect()
  const agents = await lab.agents()
  const pids = new Set((await terminal.processes()).map((row) => row.pid))
  const living = agents.find((agent) => agent.ended === null && agent.pid !== null && pids.has(agent.pid)) ?? null
  return { living, same: known === null ? living : (agents.find((agent) => agent.agent === known.agent) ?? null) }
}

const explainNotes = async (lab: Lab, agent: string): Promise<readonly string[]> => {
  const text = await lab.vc('explain', agent).catch((error: Error) => `failed: ${error.message}`)
  if (text.startsWith('failed')) return [`vc explain ${text.slice(0, 120)}`]
  return /winner|decided|rule/i.test(text) ? [] : ['vc explain names no winner']
}

/** One scenario in a fresh process: reach the state, look twice, compare. */
export async function runScenario(lab: Lab, scenario: Scenario, verbose: (line: string) => void): Promise<Outcome> {
  const cli: Cli = lab.cli
  const expected = scenario.expect[cli] ?? ['unknown']
  const notes: string[] = []
  const base = { cli, scenario: scenario.name, expected }
  const terminal = await lab.launch(scenario.launch)
  try {
    let known: AgentLine | null = null
    if (!scenario.headless) {
      await terminal.sees(DRIVING[cli].ready, 90_000)
      known = (await look(lab, terminal, null)).living
      if (known === null) notes.push('unseen after the first look')
    }
    await scenario.act(terminal, cli, lab)
    const { same: first } = await look(lab, terminal, known)
    const { same: last, living } = await look(lab, terminal, known ?? first)
    if (living !== null && last !== null && living.agent !== last.agent)
      notes.push(`now ${living.agent}, was ${last.agent}`)
    if (expected[0] === 'dead' && last !== null && last.ended === null) notes.push('not ended')
    if (expected[0] !== 'dead' && last !== null && last.ended !== null) notes.push('ended though alive')
    if (last !== null) notes.push(...(await explainNotes(lab, last.agent)))
    const right = last !== null && expected.includes(last.state)
    if (!right || notes.length > 0) {
      verbose(await terminal.screen())
      verbose(`title: ${await terminal.title()}`)
      if (last !== null) verbose(await lab.vc('explain', last.agent).catch(String))
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

const same = (a: Tokens, b: Tokens): boolean => (Object.keys(a) as (keyof Tokens)[]).every((name) => a[name] === b[name])

/** Differences between the ledger and what was served, per model; empty when they agree. */
export async function usageDifferences(lab: Lab): Promise<readonly string[]> {
  await lab.collect()
  const served = servedByModel(lab.cli, await lab.requests())
  const { groups } = await lab.robot<{ groups: readonly UsageGroup[] }>('usage', '--since', '24h', '--by', 'model')
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
    if (a !== undefined && b !== undefined && same(a, b)) return []
    return [`${lab.cli} ${model}: served ${JSON.stringify(a ?? null)}, ledger ${JSON.stringify(b ?? null)}`]
  })
}
