import { decodeUtf8 } from '../core/text.ts'
import { sh } from './sh.ts'

/** A SQLite file of another program. `stamp` differs when the file or its write-ahead log differs. */
export interface FoundDatabase {
  readonly path: string
  readonly is: 'file' | 'denied' | 'irregular'
  readonly inode: string
  /** Newest change of the file or its log, in seconds; null where it cannot be seen. */
  readonly changedS: number | null
  readonly stamp: string
}

/**
 * Shell words for scripts that look for databases: `vcdb PATH` prints one line when something is there. Names with a tab
 * or a line end are left out; a link is not followed.
 */
export const FIND_WORDS = sh`
vcdb_facts() { [ -f "$1" ] || { echo -; return; }; stat -c '%i:%s:%Y' "$1" 2>/dev/null || stat -f '%i:%z:%m' "$1" 2>/dev/null || echo -; }
vcdb() {
case $1 in *[[:cntrl:]]*) return 0 ;; esac
if [ -L "$1" ]; then printf 'irregular\t-\t-\t%s\n' "$1"
elif [ -f "$1" ] && [ ! -r "$1" ]; then printf 'denied\t-\t-\t%s\n' "$1"
elif [ -f "$1" ]; then printf 'file\t%s\t%s\t%s\n' "$(vcdb_facts "$1")" "$(vcdb_facts "$1-wal")" "$1"
elif [ -e "$1" ]; then printf 'irregular\t-\t-\t%s\n' "$1"
fi
return 0
}
`

const LINE = /^(file|denied|irregular)\t([^\t]*)\t([^\t]*)\t(\/[^\t]*)$/

/** Lines of `vcdb`, each path once, in the order printed; null when the closing line is missing. */
export const parseFound = (bytes: Uint8Array): FoundDatabase[] | null => {
  const lines = decodeUtf8(bytes).split('\n')
  if (!lines.includes('end')) return null
  const found = new Map<string, FoundDatabase>()
  for (const line of lines) {
    const [, is, main = '', wal = '', path = ''] = LINE.exec(line) ?? []
    if (is === undefined || found.has(path) || path.length > 4096) continue
    found.set(path, {
      path,
      is: is as FoundDatabase['is'],
      inode: main.split(':')[0] ?? '',
      changedS: newest([main, wal]),
      // Opening a database read-only may leave an empty log beside it: that is no change.
      stamp: `${main}|${/^\d+:0:/.test(wal) ? '-' : wal}`,
    })
  }
  return [...found.values()]
}

const newest = (facts: readonly string[]): number | null => {
  const times = facts.map((fact) => Number(fact.split(':')[2] ?? Number.NaN)).filter(Number.isFinite)
  return times.length === 0 ? null : Math.max(...times)
}
