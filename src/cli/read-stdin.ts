import type { Readable } from 'node:stream'
import { usageError } from '../core/errors.ts'

const MOST_BYTES = 1_000_000

/** Everything on stdin, up to its end. Throws a usage error for more than a megabyte. */
export const readAll = async (stdin: Readable): Promise<string> => {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of stdin) {
    chunks.push(Buffer.from(chunk as Buffer))
    bytes += chunks.at(-1)?.byteLength ?? 0
    if (bytes > MOST_BYTES)
      throw usageError('too_much_input', 'stdin holds more than a megabyte', 'send the path of the file')
  }
  return Buffer.concat(chunks).toString('utf8')
}
