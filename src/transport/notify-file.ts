import { appendFile, rename, stat, truncate } from 'node:fs/promises'
import { messageOf } from '../core/errors.ts'
import type { Told } from './notify.ts'

const MAX_BYTES = 16 * 1024 * 1024

const sizeOf = (path: string): Promise<number> =>
  stat(path).then(
    (found) => found.size,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return 0
      throw error
    },
  )

/** On a disk that fills meanwhile half a line may have found room; the next would follow on it. */
const appendWhole = async (path: string, text: string): Promise<void> => {
  const before = await sizeOf(path)
  try {
    await appendFile(path, text, { mode: 0o600 })
  } catch (error) {
    await truncate(path, before).catch(() => undefined)
    throw error
  }
}

/** Appends one line; a file that has grown large becomes `<file>.1` first. */
export const appendAlertLine = async (path: string, line: string): Promise<Told> => {
  try {
    if ((await sizeOf(path)) > MAX_BYTES) await rename(path, `${path}.1`)
    await appendWhole(path, `${line}\n`)
    return { ok: true, code: null, detail: null }
  } catch (error) {
    return { ok: false, code: null, detail: (error as NodeJS.ErrnoException).code ?? messageOf(error) }
  }
}
