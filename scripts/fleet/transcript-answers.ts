import { claudeTranscript } from './claude-transcript.ts'
import { codexTranscript } from './codex-transcript.ts'
import type { DemoAgent, DemoMachine } from './describe.ts'
import { geminiTranscript } from './gemini-transcript.ts'
import { bareMarks } from './live-text.ts'
import { agentsOf, HOME } from './session-facts.ts'

const KINDS = {
  claude: { home: `${HOME}/.claude`, write: claudeTranscript },
  codex: { home: `${HOME}/.codex`, write: codexTranscript },
  gemini: { home: `${HOME}/.gemini`, write: geminiTranscript },
} as const

export type TranscriptCli = keyof typeof KINDS

const CHANGED = '@{start.epoch-20}'
const COMPANION = `${HOME}/.claude.json`

const filesOf = (machine: DemoMachine, cli: TranscriptCli) =>
  agentsOf(machine, cli).map((agent: DemoAgent) => {
    const transcript = KINDS[cli].write(agent)
    // A whole transcript is larger than what of it travels; how much larger is of no consequence.
    const size = JSON.stringify(transcript).length * 4
    return { ...transcript, inode: 2_000_000 + agent.pid, size }
  })

/** What the listing script of this CLI prints here. */
export const listText = (machine: DemoMachine, cli: TranscriptCli): string => {
  const files = filesOf(machine, cli)
  const rows = files.map(({ path, inode, size }) => `F ${inode} ${size} ${CHANGED} 1000 ${path}`)
  const companion = cli === 'claude' && files.length > 0 ? [`C 1999999 9000 ${CHANGED} 1000 ${COMPANION}`] : []
  const home = files.length > 0 ? [`H ${KINDS[cli].home}`, ...companion] : []
  return [...home, ...rows, 'E @{epoch}', ''].join('\n')
}

/** What the tail script of this CLI prints here: each file from its beginning, by its path. */
export const tailAnswer = (machine: DemoMachine, cli: TranscriptCli) => ({
  ...{ skipArgs: 2, argsPerItem: 6, keyArg: 0, head: 'VCT plain\n', tail: 'Z\n', otherwise: 'F @{i0} missing\n' },
  items: Object.fromEntries(
    filesOf(machine, cli).map(({ path, lines, newest, inode, size }) => {
      const text = [
        `F @{i0} ok ${inode} ${size} ${CHANGED} 0`,
        ...lines.map((line) => `L ${bareMarks(JSON.stringify(line))}`),
        ...newest.map((line) => `T ${bareMarks(JSON.stringify(line))}`),
        `E @{i0} ${size}`,
        `S 1000 2000 ${size}`,
        '',
      ]
      return [path, text.join('\n')]
    }),
  ) as Record<string, string>,
})

/** Claude's account and quota cache, the two keys that ever leave that file. */
export const companionText = (machine: DemoMachine): string => {
  const account = '00000000-0000-4000-8000-00000000000a'
  const [session, week] = machine.id === 'cygnus' ? [88, 64] : [37, 64]
  const window = (kind: string, group: string, percent: number, resetS: number) => ({
    ...{ kind, group, percent, resets_at: `@{start.iso+${resetS}}` },
    ...{ severity: percent > 80 ? 'warning' : 'normal', is_active: true, scope: null },
  })
  const limits = [window('session', 'session', session, 5_400), window('weekly_all', 'weekly', week, 230_000)]
  const utilization = { five_hour: null, seven_day: null, limits }
  const json = JSON.stringify({
    cachedUsageUtilization: { fetchedAtMs: '@@start.epochms-30@@', accountUuid: account, utilization },
    oauthAccount: { accountUuid: account, emailAddress: 'dev@example.org' },
  })
  return bareMarks(json)
}
