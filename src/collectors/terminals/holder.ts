import type { Ancestor, TerminalsText } from './parse.ts'

/** What holds an agent's terminal. `tmux`: the tmux collector tells of it. */
export type Holder =
  | { readonly is: 'tmux' }
  | {
      readonly is: 'screen' | 'zellij' | 'pty'
      /** `screen:` or `zellij:` and the path of its socket, or `pty:<boot id>` for a terminal nobody multiplexes. */
      readonly socket: string
      /** Server of the multiplexer; null for a plain terminal. */
      readonly serverPid: number | null
      readonly sessionId: string
      readonly sessionName: string | null
      readonly attachedClients: number | null
      readonly windowIndex: number | null
      readonly paneIndex: number | null
      readonly leader: Ancestor
    }

const MULTIPLEXER = /^(?:(tmux)(?:: server)?|(screen)|(zellij))$/i

/** The process that leads the terminal: its session leader, else the topmost process on it. */
const leaderOf = (chain: readonly Ancestor[], agent: Ancestor): Ancestor => {
  const onIt = chain.filter((one) => one.tty === agent.tty)
  return onIt.find((one) => agent.sid > 0 && one.pid === agent.sid) ?? onIt.at(-1) ?? agent
}

/** The first process above that is not on the agent's terminal made that terminal, or got it from who did. */
const outsideOf = (chain: readonly Ancestor[], agent: Ancestor): readonly Ancestor[] => {
  const last = chain.findLastIndex((one) => one.tty === agent.tty)
  return chain.slice(last + 1)
}

export const holderOf = (text: TerminalsText, chain: readonly Ancestor[]): Holder | null => {
  const agent = chain[0]
  if (agent === undefined || agent.tty === null) return null
  const outside = outsideOf(chain, agent)
  const leader = leaderOf(chain, agent)
  // Servers cut themselves off, so only the nearest process can be the one that holds this terminal.
  const nearest = outside[0]
  const [, tmux, screen, zellij] = MULTIPLEXER.exec(nearest?.comm ?? '') ?? []
  if (tmux !== undefined) return { is: 'tmux' }
  if (nearest !== undefined && screen !== undefined) return screenOf(text, agent, leader, nearest)
  if (nearest !== undefined && zellij !== undefined) return zellijOf(text, agent, leader, nearest)
  return {
    is: 'pty',
    socket: `pty:${text.bootId ?? ''}`,
    serverPid: null,
    sessionId: `${leader.pid}:${leader.start}`,
    sessionName: nearest?.comm ?? null,
    attachedClients: null,
    windowIndex: null,
    paneIndex: null,
    leader,
  }
}

const screenOf = (text: TerminalsText, agent: Ancestor, leader: Ancestor, server: Ancestor): Holder => {
  const found = text.screens.get(server.pid)
  const sessionId = found?.socket.split('/').at(-1) ?? String(server.pid)
  return {
    is: 'screen',
    socket: `screen:${found?.socket ?? `${text.bootId ?? ''}:${server.pid}`}`,
    serverPid: server.pid,
    sessionId,
    sessionName: /^\d+\.(.+)$/s.exec(sessionId)?.[1] ?? null,
    // The socket tells whether somebody is attached, not how many: some is not a number.
    attachedClients: found?.attached === false ? 0 : null,
    windowIndex: text.windows.get(agent.pid)?.screen ?? null,
    paneIndex: null,
    leader,
  }
}

const zellijOf = (text: TerminalsText, agent: Ancestor, leader: Ancestor, server: Ancestor): Holder => {
  const socket = text.zellijs.get(server.pid)
  return {
    is: 'zellij',
    socket: `zellij:${socket ?? `${text.bootId ?? ''}:${server.pid}`}`,
    serverPid: server.pid,
    sessionId: socket?.split('/').at(-1) ?? String(server.pid),
    sessionName: socket?.split('/').at(-1) ?? null,
    attachedClients: null,
    windowIndex: null,
    paneIndex: text.windows.get(agent.pid)?.zellij ?? null,
    leader,
  }
}
