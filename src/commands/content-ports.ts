// How `vc search --content` reaches machines: through the daemon that keeps the connections, else over ways of its own.
import type { LoadedConfig } from '../config/index.ts'
import { VcError } from '../core/errors.ts'
import { openFor } from './evidence-ports.ts'
import { machineNamed } from './machines-named.ts'
import { type ContentQuestion, checkedQuestion, type MachineContent, searchContent } from './search-content.ts'

/** Looks for a text in what agents wrote, now. */
export type SearchContent = (question: ContentQuestion) => Promise<readonly MachineContent[]>

const PATIENCE_MS = 60_000

/** Over the daemon's own connections; what comes back was cut and redacted there. */
export const daemonContent =
  ({ paths }: LoadedConfig): SearchContent =>
  async (question) => {
    const { NoDaemon, requestText } = await import('../transport/socket-client.ts')
    const { text } = await requestText(paths.socketFile, {
      method: 'POST',
      path: '/v1/content',
      body: { ...checkedQuestion({ ...question }) },
      timeoutMs: PATIENCE_MS,
    }).catch((error: unknown) => {
      if (!(error instanceof NoDaemon)) throw error
      throw new VcError('no_content', `the daemon did not answer (${error.why})`, 'try again; see: vc daemon status')
    })
    return JSON.parse(text) as readonly MachineContent[]
  }

/** Over connections that are opened for this one question and closed again. */
export const ownContent =
  (loaded: LoadedConfig): SearchContent =>
  (question) =>
    searchContent(checkedQuestion({ ...question }), async (machineId, ask) => {
      const { openAsker } = await import('../transport/asker.ts')
      const executor = await openFor(loaded, machineNamed(loaded, machineId))
      const asker = openAsker({ executor, local: executor.kind === 'local' })
      const run = asker.beginRun()
      try {
        return await ask(run)
      } finally {
        run.end()
        asker.close()
        await executor.close()
      }
    })
