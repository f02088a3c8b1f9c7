import { messageOf, VcError } from '../core/errors.ts'

// Words of DuckDB about a file that is gone, cut short or not what it was; each quotes the path.
const FILE = /["']([^"']*\/archive\/[^"']*\.parquet)["']/

/** What an error says of a file of the archive; null: it is about something else. */
export const archiveError = (error: unknown): VcError | null => {
  const path = FILE.exec(messageOf(error).split('\n')[0] ?? '')?.[1]
  if (path === undefined) return null
  const gone = messageOf(error).includes('No files found')
  return new VcError(
    'archive_unreadable',
    `${path} ${gone ? 'is not there' : 'does not read'}, and only it holds what was asked for: its rows left the live file`,
    'put it back from a copy of the archive folder, or ask about a later time; vc retention lists what was moved out',
    { cause: error },
  )
}
