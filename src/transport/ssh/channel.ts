import type { ClientChannel } from 'ssh2'
import type { CommandEnd, LiveRun } from '../run-watch.ts'
import { failure, type WayFailure } from './failure.ts'
import type { Link } from './link.ts'

export type OpenedChannel =
  | { readonly is: 'open'; readonly channel: ClientChannel }
  | { readonly is: 'refused'; readonly detail: string }
  | { readonly is: 'lost'; readonly failure: WayFailure }

/** Opens a channel that runs `command`. Never rejects; "refused" is the server's answer, "lost" the link's end. */
export const openChannel = (link: Link, command: string): Promise<OpenedChannel> =>
  new Promise((resolve) => {
    const unlisten = link.onLost((why) => resolve({ is: 'lost', failure: why }))
    const settle = (opened: OpenedChannel) => {
      unlisten()
      resolve(opened)
    }
    try {
      link.client.exec(command, (error, channel) => {
        if (!error) {
          // Late write errors of a channel that is going away are told by its close.
          channel.on('error', () => {})
          return settle({ is: 'open', channel })
        }
        const lost = link.lost()
        settle(lost === null ? { is: 'refused', detail: error.message } : { is: 'lost', failure: lost })
      })
    } catch (error) {
      settle({ is: 'lost', failure: link.lost() ?? failure('connection_lost', String(error)) })
    }
  })

/** An exit status as a server tells it; a code of null is a death by signal. */
export const endOf = (code: number | null, signal: string | undefined): CommandEnd =>
  code === null ? { is: 'signal', signal: (signal ?? 'unknown').replace(/^SIG/, '') } : { is: 'exit', code }

export const NO_STATUS = 'the server closed the channel without an exit status'

/** A remote command as a run to be watched. Its input is written and closed: some tools wait for EOF. */
export const channelRun = (link: Link, channel: ClientChannel, stdin: string): LiveRun => {
  channel.end(stdin)
  const close = () => {
    if (link.lost() === null) channel.close()
  }
  return {
    stdout: channel,
    stderr: channel.stderr,
    onEnd(tell) {
      channel.once('exit', (code: number | null, signal?: string) => tell(endOf(code, signal)))
      const unlisten = link.onLost((why) => tell({ is: 'lost', class: why.class, detail: why.detail }))
      // A command that ends as it begins (nologin) has its status in the packet that opens the channel, before anybody
      // listens; ssh2 repeats it here.
      channel.once('close', (code?: number | null, signal?: string) => {
        unlisten()
        tell(code === undefined ? { is: 'lost', class: 'transport', detail: NO_STATUS } : endOf(code, signal))
      })
    },
    onClosed: (tell) => void channel.once('close', tell),
    async stop() {
      // Honoured by servers that run as the user; others are ended by the remote deadline of the frame.
      if (link.lost() === null) channel.signal('TERM')
      close()
    },
    letGo: close,
  }
}
