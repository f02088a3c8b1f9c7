// Writes the machines of `npm run demo` to tests/fixtures/fleet: `node scripts/make-fleet.ts`. A test compares.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { accountFiles, accountOutputs } from './fleet/accounts-text.ts'
import { beadsAnswer, beadsFiles } from './fleet/beads-text.ts'
import { ownOutputs } from './fleet/builds-text.ts'
import { DEMO_FLEET, type DemoMachine } from './fleet/describe.ts'
import { evidenceAnswers } from './fleet/evidence-text.ts'
import { projectDirOf } from './fleet/gemini-transcript.ts'
import { guardDisk, guardOutputs } from './fleet/guard-text.ts'
import { gitAnswer, versionsAnswer } from './fleet/list-answers.ts'
import { liveText } from './fleet/live-text.ts'
import { opencodeSql } from './fleet/opencode-sql.ts'
import { orchestratorFiles, orchestratorOutputs } from './fleet/orchestrator-text.ts'
import { probeText } from './fleet/probe-text.ts'
import { repoOutputs } from './fleet/repo-text.ts'
import { agentsOf, HOME } from './fleet/session-facts.ts'
import { tmuxText } from './fleet/tmux-text.ts'
import { companionText, listText, tailAnswer } from './fleet/transcript-answers.ts'

const TROUBLED = [
  { id: 'dione', about: 'a machine that does not answer', class: 'connect_timeout', detail: 'no answer within 10 s' },
  {
    id: 'fenrir',
    about: 'a machine whose host key changed',
    class: 'host_key_changed',
    detail: 'offered ssh-ed25519, on file another',
  },
] as const

const factsText = (id: string, tools: readonly string[]): string =>
  [`os\tLinux 6.12.38`, `hostname\t${id}`, ...tools.map((tool) => `tool\t${tool}\t/usr/bin/${tool}`), ''].join('\n')

const retentionText = (machine: DemoMachine): string =>
  [
    ...(agentsOf(machine, 'claude').length > 0 ? [`claude\t30\t${HOME}/.claude/settings.json`] : []),
    ...(agentsOf(machine, 'gemini').length > 0 ? [`gemini\t-\t${HOME}/.gemini/settings.json`] : []),
    'end\n',
  ].join('\n')

/** Recorded outputs of one machine, by file name, each with the ask it answers. */
const outputsOf = (machine: DemoMachine) => ({
  'probe.txt': { ask: 'probe.fast', text: probeText(machine), durationMs: 37 },
  'tmux.txt': { ask: 'tmux.panes', text: tmuxText(machine), durationMs: 14 },
  'live.txt': { ask: 'live.state', text: liveText(machine), durationMs: 11 },
  'claude-list.txt': { ask: 'claude.list', text: listText(machine, 'claude'), durationMs: 22 },
  'claude-companion.txt': { ask: 'claude.companion', text: companionText(machine), durationMs: 8 },
  'codex-list.txt': { ask: 'codex.list', text: listText(machine, 'codex'), durationMs: 21 },
  'gemini-list.txt': { ask: 'gemini.list', text: listText(machine, 'gemini'), durationMs: 19 },
  'opencode-paths.txt': { ask: 'opencode.paths', text: `${HOME}/.local/share/opencode`, durationMs: 3 },
  // no log of a demo machine is held open: which run is whose stays unproven there, as off Linux
  'live-opencode.txt': { ask: 'live.opencode', text: '', durationMs: 6 },
  'live-codex.txt': { ask: 'live.codex', text: '', durationMs: 4 },
  // nobody installed the tee of vc on a demo machine
  'hooks.txt': { ask: 'hooks.where', text: '', durationMs: 2 },
  ...orchestratorOutputs(machine),
  'retention.txt': { ask: 'retention.settings', text: retentionText(machine), durationMs: 5 },
  'machines-probe.txt': {
    ask: 'machines.probe',
    text: factsText(machine.id, ['tmux', 'git', 'timeout']),
    durationMs: 9,
  },
  ...guardOutputs(machine),
  ...ownOutputs(machine),
  ...accountOutputs(machine),
  ...repoOutputs(machine),
})

const listedAnswers = (machine: DemoMachine) => [
  { ask: 'git.status', template: true, durationMs: 60, each: gitAnswer(machine) },
  { ask: 'beads.look', durationMs: 12, each: beadsAnswer(machine) },
  { ask: 'tool_versions.ask', durationMs: 900, each: versionsAnswer(machine) },
  { ask: 'claude.tail', template: true, durationMs: 48, each: tailAnswer(machine, 'claude') },
  { ask: 'codex.tail', template: true, durationMs: 41, each: tailAnswer(machine, 'codex') },
  { ask: 'gemini.tail', template: true, durationMs: 33, each: tailAnswer(machine, 'gemini') },
]

/** The machine's disk, as far as anything is read from it by name. */
const diskOf = (machine: DemoMachine): ReadonlyMap<string, string> => {
  const opencode = agentsOf(machine, 'opencode')
  return new Map([
    ['/etc/hostname', `${machine.id}\n`],
    ...beadsFiles(machine),
    ...orchestratorFiles(machine),
    ...guardDisk(machine),
    ...accountFiles(machine),
    ...agentsOf(machine, 'gemini').map((agent) => [`${projectDirOf(agent)}/.project_root`, agent.cwd] as const),
    ...(opencode.length > 0 ? [[`${HOME}/.local/share/opencode/opencode.db.sql`, opencodeSql(opencode)] as const] : []),
  ])
}

/** Files with marks of time are played with the clock of the machine. */
const clocksOf = (machine: DemoMachine) => {
  const moving = [...diskOf(machine)].filter(([path, text]) => !path.endsWith('.sql') && text.includes('@{'))
  return moving.length === 0 ? {} : { files: Object.fromEntries(moving.map(([path]) => [path, { template: true }])) }
}

/** Path below the fleet's folder to content, for every file of the demo fleet. */
export function demoFleetFiles(): ReadonlyMap<string, string> {
  const files = new Map<string, string>()
  const put = (id: string, name: string, text: string) => files.set(join(id, name), text)
  const manifest = (id: string, rest: object) =>
    put(id, 'manifest.json', `${JSON.stringify({ format: 1, ...rest }, null, 2)}\n`)
  for (const machine of DEMO_FLEET) {
    const outputs = Object.entries(outputsOf(machine))
    for (const [name, { text }] of outputs) put(machine.id, name, text)
    const looks = evidenceAnswers(machine)
    for (const { name, text } of looks) put(machine.id, name, text)
    for (const [path, text] of diskOf(machine)) put(machine.id, `files${path}`, text)
    const recorded = outputs.map(([stdout, { ask, durationMs }]) => ({ ask, stdout, template: true, durationMs }))
    manifest(machine.id, {
      about: machine.about,
      answers: [...recorded, ...listedAnswers(machine), ...looks.map(({ answer }) => answer)],
      ...clocksOf(machine),
    })
  }
  for (const { id, about, ...trouble } of TROUBLED) manifest(id, { about, trouble })
  return files
}

if (import.meta.main) {
  const fleet = join(import.meta.dirname, '../tests/fixtures/fleet')
  for (const [path, text] of demoFleetFiles()) {
    mkdirSync(join(fleet, path, '..'), { recursive: true })
    writeFileSync(join(fleet, path), text)
  }
}
