// Writes the machines of `npm run demo` to tests/fixtures/fleet: `node scripts/make-fleet.ts`. A test compares.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DEMO_FLEET } from './fleet/describe.ts'
import { gitAnswer, versionsAnswer } from './fleet/list-answers.ts'
import { probeText } from './fleet/probe-text.ts'
import { tmuxText } from './fleet/tmux-text.ts'

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

/** Path below the fleet's folder to content, for every file of the demo fleet. */
export function demoFleetFiles(): ReadonlyMap<string, string> {
  const files = new Map<string, string>()
  const put = (id: string, name: string, text: string) => files.set(join(id, name), text)
  const manifest = (id: string, rest: object) =>
    put(id, 'manifest.json', `${JSON.stringify({ format: 1, ...rest }, null, 2)}\n`)
  for (const machine of DEMO_FLEET) {
    put(machine.id, 'probe.txt', probeText(machine))
    put(machine.id, 'tmux.txt', tmuxText(machine))
    put(machine.id, 'machines-probe.txt', factsText(machine.id, ['tmux', 'git', 'timeout']))
    const answers = [
      { ask: 'probe.fast', stdout: 'probe.txt', template: true, durationMs: 37 },
      { ask: 'tmux.panes', stdout: 'tmux.txt', template: true, durationMs: 14 },
      { ask: 'git.status', template: true, durationMs: 60, each: gitAnswer(machine) },
      { ask: 'tool_versions.ask', durationMs: 900, each: versionsAnswer(machine) },
      { ask: 'machines.probe', stdout: 'machines-probe.txt' },
    ]
    manifest(machine.id, { about: machine.about, answers })
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
