import type { DemoAgent, DemoMachine } from './describe.ts'
import { agentsOf, HOME, START_TICKS, sessionIdOf } from './session-facts.ts'

const LOG = `${HOME}/.local/share/opencode/log/opencode.log`

const standing = ({ state }: DemoAgent): object => {
  if (state === 'needs_approval') return { status: 'waiting', waitingFor: 'permission prompt' }
  if (state === 'asked_question') return { status: 'waiting', waitingFor: 'input needed' }
  return { status: state === 'working' ? 'busy' : 'idle' }
}

const registration = (agent: DemoAgent): string => {
  const idle = agent.state === 'idle'
  const [startedAt, changedAt] = idle ? ['-7190', '-7190'] : ['-7190', '-240']
  const facts = {
    ...{ pid: agent.pid, sessionId: sessionIdOf(agent), cwd: agent.cwd, procStart: String(START_TICKS) },
    ...{ version: '2.1.329', kind: 'interactive', entrypoint: 'cli', ...standing(agent) },
    ...{ startedAt: `@@start.epochms${startedAt}@@`, statusUpdatedAt: `@@start.epochms${changedAt}@@` },
  }
  return bareMarks(JSON.stringify(facts))
}

/** `"@@mark@@"` of an object that became JSON, as the bare mark a number needs. */
export const bareMarks = (json: string): string => json.replaceAll(/"@@([^@"]+)@@"/g, '@{$1}')

// Fields 4 to 21 of a stat line are of no consequence here; field 22 is the start time.
const statLine = (pid: number): string => `${pid} (claude) S ${'0 '.repeat(18)}${START_TICKS} 0 0`

const logLines = (agent: DemoAgent): readonly string[] => {
  const head = (agoS: number): string => `timestamp=@{iso-${agoS}} level=INFO run=6c55660b`
  const session = `session.id=${sessionIdOf(agent)}`
  return [
    `L ${head(90)} message="creating instance" directory=${agent.cwd}`,
    `L ${head(4)} message=loop ${session} step=3`,
    `L ${head(2)} message=stream ${session} small=false agent=build mode=primary`,
  ]
}

/** What the live script prints on this machine: Claude's registry files, then OpenCode's log. */
export const liveText = (machine: DemoMachine): string => {
  const claude = agentsOf(machine, 'claude')
  const opencode = agentsOf(machine, 'opencode')
  const registry = claude.flatMap((agent) => [
    `F 1 ${agent.pid}`,
    `S ${statLine(agent.pid)}`,
    `J ${registration(agent)}`,
  ])
  const home = claude.length > 0 ? [`H ${HOME}/.claude/sessions`] : [`W ${HOME}/.claude/sessions`]
  const log = opencode.length > 0 ? [`O ${LOG}`, ...opencode.flatMap(logLines)] : []
  return [...home, ...registry, ...log, ''].join('\n')
}
