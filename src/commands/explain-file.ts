import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { usageError, VcError } from '../core/errors.ts'
import { displayText } from '../core/text.ts'

const MAX_BUNDLE_BYTES = 32 * 1_048_576

const refused = (code: 'no_bundle' | 'bad_bundle', message: string): VcError =>
  usageError(code, message, 'name a file printed by vc explain <agent> --json, or - for stdin')

const unreadable =
  (path: string) =>
  (error: NodeJS.ErrnoException): never => {
    throw error instanceof VcError
      ? error
      : refused('no_bundle', `${displayText(path, 500)} cannot be read (${error.code})`)
  }

const wholeOf = async (stream: Readable, name: string): Promise<string> => {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of stream) {
    chunks.push(Buffer.from(chunk as Buffer))
    bytes += chunks.at(-1)?.byteLength ?? 0
    if (bytes > MAX_BUNDLE_BYTES) throw refused('bad_bundle', `${displayText(name, 500)} is larger than 32 MB`)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** What a shell hands over as `<(…)`, and /dev/stdin of a pipe: somebody has it open already. */
const HANDED_OVER = /^\/(dev\/(fd\/\d+|stdin)|proc\/self\/fd\/\d+)$/

/** Text of an evidence bundle: of a regular file, of a pipe that a shell handed over, or of stdin (`-`). */
export const bundleText = async (path: string, stdin: Readable): Promise<string> => {
  if (path === '-') return wholeOf(stdin, 'stdin')
  if (path === '') throw refused('no_bundle', 'the value of --from is empty')
  const found = await stat(path).catch(unreadable(path))
  // A pipe that nobody writes to would be waited for without end.
  if (!found.isFile() && !(found.isFIFO() && HANDED_OVER.test(path)))
    throw refused('no_bundle', `${displayText(path, 500)} is not a regular file`)
  return wholeOf(createReadStream(path), path).catch(unreadable(path))
}
