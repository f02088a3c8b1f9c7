import type { JobEntry } from '../../core/job.ts'
import { shellQuoted } from '../../core/shell-word.ts'
import { decodeUtf8 } from '../../core/text.ts'
import { sh } from '../sh.ts'
import type { TranscriptSource } from './source.ts'

// $1 minutes back ('' = everything), $2 1 = other users too, $3… further homes.
const LIST = sh`
nl='
'
if stat -c %i / >/dev/null 2>&1; then st='stat -c'; fmt='%i %s %Y %u %n'; else st='stat -f'; fmt='%i %z %m %u %N'; fi
mins=$1; others=$2; shift 2
# what rsync, tar or a restore laid there keeps the time it was written at; only its inode says that it is new
age=-mmin; [ -n "$mins" ] && find / -prune -cmin -1 >/dev/null 2>&1 && age=-cmin
me=$(id -u)
one() { # resolved home, owner or ''
  if [ -n "$2" ]; then printf 'O %s\n' "$1"; else printf 'H %s\n' "$1"; fi
  for c in $COMPANIONS; do
    case $c in
      ../*) # what lies beside is the usual home's alone: a second one would be given another login's account
        case $named in */"$USUAL") p=\${named%/"$USUAL"}/\${c#../} ;; *) continue ;; esac ;;
      *) p=$1/$c ;;
    esac
    if [ -f "$p" ] && [ ! -L "$p" ] && [ -r "$p" ]; then
      if [ -n "$2" ] && [ -z "$(find "$p" -prune -user "$2" 2>/dev/null)" ]; then continue; fi
      printf 'C '; $st "$fmt" "$p" || echo; break
    fi
  done
  for t in $TREES; do
    r=$1/$t
    [ -d "$r" ] || continue
    if [ -n "$2" ]; then [ -L "$r" ] && continue; else r=$(cd -P -- "$r" 2>/dev/null && pwd) || continue; fi
    set -- "$1" "$2" "$r"
    if [ ! -r "$r" ]; then printf 'R denied\n'; continue; fi
    if [ -n "$2" ]; then
      find "$r" -type f -user "$2" \( NAMES \) ! -path "*$nl*" \${mins:+$age -"$mins"} -exec $st "F $fmt" {} + 2>/dev/null
      find "$r" ! -type d \( NAMES \) \( ! -type f -o ! -user "$2" \) 2>/dev/null | refused
    else
      find "$r" -type f \( NAMES \) ! -path "*$nl*" \${mins:+$age -"$mins"} -exec $st "F $fmt" {} + 2>/dev/null
      find "$r" ! -type d ! -type f \( NAMES \) 2>/dev/null | refused
    fi
  done
}
refused() {
  while IFS= read -r f; do
    if [ -L "$f" ]; then printf 'R link\n'; elif [ -f "$f" ]; then printf 'R foreign_owner\n'; else printf 'R not_regular\n'; fi
  done
}
seen=$nl
own() {
  d=$(cd -P -- "$1" 2>/dev/null && pwd) || return 0
  case $seen in *"$nl$d$nl"*) return 0 ;; esac
  seen=$seen$d$nl
  named=\${1%/}
  one "$d" ''
}
for h in $HOMES; do own "$HOME/$h"; done
OLDIFS=$IFS; IFS=,
for h in $VARIABLES; do IFS=$OLDIFS; [ -n "$h" ] && own "$h"; IFS=,; done
IFS=$OLDIFS
for h in "$@"; do
  case $h in '~/'*) p=$HOME/\${h#??} ;; *) p=$h ;; esac
  if (cd -P -- "$p") 2>/dev/null; then own "$p"; else printf 'M %s\n' "$h"; fi
done
[ "$others" = 1 ] && [ "$me" != 0 ] && printf 'R needs_root\n'
if [ "$others" = 1 ] && [ "$me" = 0 ]; then
  while IFS=: read -r _ _ uid _ _ home _; do
    [ "$uid" != 0 ] && [ -d "$home" ] && [ "$home" != / ] || continue
    for h in $HOMES; do
      [ -d "$home/$h" ] || continue
      d=$(cd -P -- "$home/$h" 2>/dev/null && pwd) || continue
      case $seen in *"$nl$d$nl"*) continue ;; esac
      d=$home; ok=1; rest=$h/
      while :; do
        if [ -L "$d" ] || [ -z "$(find "$d" -prune -user "$uid" 2>/dev/null)" ]; then ok=0; break; fi
        [ -n "$rest" ] || break
        d=$d/\${rest%%/*}; rest=\${rest#*/}
      done
      if [ $ok = 0 ]; then printf 'R foreign_home\n'; continue; fi
      named=$d
      seen=$seen$d$nl
      one "$d" "$uid"
    done
  done </etc/passwd
fi
printf 'E %s\n' "$(date +%s)"
`

/** The listing script of a source; only constants of the source enter its text. */
export const remoteListScript = (source: TranscriptSource): string =>
  [
    `# vc:ask ${source.name}.list`,
    `HOMES=${shellQuoted(source.homes.join(' '))}`,
    `USUAL=${shellQuoted(source.homes[0] ?? '')}`,
    `TREES=${shellQuoted(source.trees.join(' '))}`,
    `COMPANIONS=${shellQuoted((source.companion?.paths ?? []).join(' '))}`,
    `VARIABLES=${source.homeVariables.map((name) => `"\${${name}:-}"`).join(',')}`,
    LIST.replaceAll('NAMES', source.remote.names.map((name) => `-name ${shellQuoted(name)}`).join(' -o ')),
  ].join('\n')

export interface RemoteListing {
  readonly files: readonly JobEntry[]
  /** In the order they were found; the owner of another user's is not told. */
  readonly homes: readonly { readonly path: string; readonly ownerUid: number | null }[]
  readonly companions: readonly { readonly home: string; readonly entry: JobEntry }[]
  readonly refused: Readonly<Record<string, number>>
  /** Homes of vc.toml that are not there. */
  readonly missing: readonly string[]
  /** The script ran to its end. */
  readonly whole: boolean
}

/** What the script may say of what it left out. */
const SAID: ReadonlySet<string> = new Set(['link', 'not_regular', 'foreign_owner', 'foreign_home', 'needs_root'])

const ENTRY = /^(\d+) (\d+) (\d+) (\d+) (\/.*)$/

/** Output of the listing script; lines that are none are left out and counted. */
export const parseRemoteList = (stdout: Uint8Array): RemoteListing => {
  const homes: { path: string; ownerUid: number | null }[] = []
  const missing: string[] = []
  const files: JobEntry[] = []
  const companions: { home: string; entry: JobEntry }[] = []
  const refused: Record<string, number> = {}
  const count = (kind: string): void => {
    refused[kind] = (refused[kind] ?? 0) + 1
  }
  let home = ''
  let whole = false
  for (const line of decodeUtf8(stdout).split('\n')) {
    const rest = line.slice(2)
    if (line.startsWith('H ') || line.startsWith('O ')) {
      home = rest
      homes.push({ path: home, ownerUid: line.startsWith('O ') ? -1 : null })
    }
    if (line.startsWith('M ')) missing.push(rest)
    else if (line.startsWith('E ')) whole = true
    else if (line.startsWith('R ')) count(SAID.has(rest) ? rest : 'denied')
    else if (line.startsWith('F ') || line.startsWith('C ')) {
      const entry = entryOf(rest)
      if (entry === null) count('name_unsafe')
      else if (line.startsWith('F ')) files.push(entry)
      else companions.push({ home, entry })
    }
  }
  return { files, homes, companions, refused, missing, whole }
}

const entryOf = (text: string): JobEntry | null => {
  const [, inode, size, mtime, uid, path] = ENTRY.exec(text) ?? []
  // A replacement character means bytes that are no UTF-8: such a name cannot be asked for again.
  if (inode === undefined || path === undefined || path.includes('\ufffd')) return null
  return { path, inode, size: Number(size), mtimeMs: Number(mtime) * 1000, uid: Number(uid) }
}
