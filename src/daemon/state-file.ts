import { rename, writeFile } from 'node:fs/promises'
import type { AskRequest, Reply } from '../core/carrier.ts'
import { messageOf } from '../core/errors.ts'
import { K, type Log } from '../core/log.ts'

const STATE_FILE_TOPICS: readonly AskRequest[] = [
  { topic: 'health', params: {} },
  { topic: 'status', params: {} },
  { topic: 'triage', params: {} },
  { topic: 'triage', params: { limit: 5 } },
  { topic: 'machines', params: {} },
  { topic: 'usage', params: { since: 'today', by: 'machine' } },
]
const STATE_FILE_EVERY_MS = 30_000

/** Writes the daemon's last words, for commands that find it silent: at most every 30 s, whole or not at all: each writing costs a round of questions. */
export const stateWriter = (
  path: string,
  ask: (request: AskRequest) => Promise<Reply>,
  log: Log,
): (() => Promise<void>) => {
  let writtenAt = Number.NEGATIVE_INFINITY
  return async () => {
    // Not by the clock, which may be set back: the words of this file would grow old meanwhile.
    if (performance.now() - writtenAt < STATE_FILE_EVERY_MS) return
    writtenAt = performance.now()
    const answers = await Promise.all(
      STATE_FILE_TOPICS.map(async (request) => ({ request, reply: await ask(request) })),
    )
    const body = JSON.stringify({ generated_at: new Date().toISOString(), answers })
    await writeFile(`${path}.tmp`, body, { mode: 0o600 })
      .then(() => rename(`${path}.tmp`, path))
      .catch((error: unknown) => log.warn({ [K.detail]: messageOf(error) }, 'the state file was not written'))
  }
}
