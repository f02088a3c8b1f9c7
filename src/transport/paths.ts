import { VcError } from '../core/errors.ts'

/** @throws VcError bad_ask for a path that is relative (to what?) or holds NUL. */
export function demandAbsolute(path: string): void {
  if (path.startsWith('/') && !path.includes('\0')) return
  throw new VcError('bad_ask', `asked for the file ${JSON.stringify(path)}`, 'ask for absolute paths without NUL bytes')
}
