import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Cli } from './clis.ts'
import { DRIVING } from './driving.ts'
import type { Lab } from './lab.ts'
import { press } from './scenarios.ts'
import { until } from './wait.ts'

/** What a CLI must have told the tee after one approval, one answer and its end. */
const EXPECTED: Readonly<Partial<Record<Cli, readonly string[]>>> = {
  claude: ['SessionStart', 'PermissionRequest', 'Stop', 'SessionEnd'],
  codex: ['agent-turn-complete'],
  gemini: ['SessionStart', 'Notification', 'AfterAgent', 'SessionEnd'],
}

export interface HooksSeen {
  readonly cli: Cli
  readonly events: readonly string[]
  readonly missing: readonly string[]
  /** A word of a prompt or an answer reached the file. */
  readonly leaked: boolean
}

const noted = (home: string): string => {
  const dir = join(home, '.local/share/vc/hooks/events')
  if (!existsSync(dir)) return ''
  const days = readdirSync(dir).filter((name) => name.endsWith('.jsonl'))
  return days.map((day) => readFileSync(join(dir, day), 'utf8')).join('')
}

const eventsOf = (text: string): readonly string[] =>
  text.split('\n').filter(Boolean).flatMap((line) => {
    const { event } = JSON.parse(line) as { event?: string }
    return event === undefined ? [] : [event]
  })

/** Installs the hooks into the scratch home, works with the real CLI, and reads what the tee kept. Null: it has no hooks. */
export async function runHooks(lab: Lab): Promise<HooksSeen | null> {
  const expected = EXPECTED[lab.cli]
  if (expected === undefined) return null
  const home = join(lab.root, 'home')
  await lab.vc('hooks', 'install', '--yes')
  const drive = DRIVING[lab.cli]
  const terminal = await lab.launch()
  await terminal.sees(drive.ready)
  await terminal.say(`mock:tool cmd=touch_a.txt ${drive.toolArgs}`)
  await terminal.sees(drive.approval)
  await press(terminal, lab.cli, drive.accept)
  await terminal.sees(/Mock final answer after the tool result/)
  await drive.quit(terminal)
  const missing = (): readonly string[] => expected.filter((event) => !eventsOf(noted(home)).includes(event))
  await until('the hooks to be heard', () => missing().length === 0).catch(() => undefined)
  await terminal.close()
  await lab.vc('hooks', 'remove', '--yes')
  const text = noted(home)
  return { cli: lab.cli, events: eventsOf(text), missing: missing(), leaked: /Mock|touch|mock:/.test(text) }
}
