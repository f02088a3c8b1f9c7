import { appendFile, rename, stat } from 'node:fs/promises'
import { messageOf } from '../core/errors.ts'
import type { Told } from './notify.ts'

const MAX_BYTES = 16 * 1024 * 1024

/** Appends one line; a file that has grown large becomes `<file>.1` first. */
export const appendAlertLine = async (path: string, line: string): Promise<Told> => {
  try {
    const size = await stat(path).then(
      (found) => found.size,
      () => 0,
    )
    if (size > MAX_BYTES) await rename(path, `${path}.1`)
    await appendFile(path, `${line}\n`, { mode: 0o600 })
    return { ok: true, code: null, detail: null }
  } catch (error) {
    return { ok: false, code: null, detail: (error as NodeJS.ErrnoException).code ?? messageOf(error) }
  }
}
