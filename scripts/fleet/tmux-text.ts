import type { DemoAgent, DemoMachine } from './describe.ts'
import { seatOf } from './orchestrator-text.ts'

const NONCE = 'de30de30de30de30'
const US = '\x1f'
const SERVER_PID = 3900

// Fields in the order of the collector's format; widths and counters are of no consequence for a picture.
const paneRow = (agent: DemoAgent, i: number): string => {
  const { pid, cli, cwd, title, cpuPct, recording } = agent
  return [
    ...[
      `@${NONCE} P`,
      SERVER_PID,
      '@{start.epoch-80000}',
      '$0',
      `@${i}`,
      i,
      `%${i}`,
      0,
      pid,
      0,
      '',
      '',
      1,
      i === 0 ? 1 : 0,
      0,
      0,
    ],
    ...[cpuPct > 10 ? '@{epoch-2}' : '@{epoch-600}', '@{start.epoch-80000}', '@{epoch-600}', 0],
    ...[recording.columns, recording.rows, 1200, 2, recording.rows - 2],
    ...[`/dev/pts/${i}`, cli, seatOf(agent).session, cli, cwd, title],
  ].join(US)
}

/** What the tmux script prints on this machine: its servers with a pane per agent, each with its screen. */
export function tmuxText({ agents }: DemoMachine): string {
  const record = (...fields: readonly (string | number)[]): string => `@${NONCE} ${fields.join(US)}`
  const seated = agents.map((agent, i) => ({ i, agent, socket: seatOf(agent).socket }))
  const servers = [...Map.groupBy(seated, ({ socket }) => socket)].flatMap(([socket, seats]) => [
    record('S', 0, socket),
    ...seats.map(({ agent, i }) => paneRow(agent, i)),
    ...seats.flatMap(({ agent, i }) => [record('C', `%${i}`), agent.recording.screen]),
    record('F', 0),
  ])
  const head = [`@${NONCE} vc-tmux 2 @{epoch} /usr/bin/tmux`, `@${NONCE} version tmux 3.3a`]
  return [...head, ...servers, `@${NONCE} end`, ''].join('\n')
}
