import { sh } from '../collectors/sh.ts'
import type { AgentCli } from '../core/agent.ts'
import type { Asker, SqliteAnswer } from '../core/ask.ts'
import { decodeUtf8 } from '../core/text.ts'
import { countPrompt } from './agent-eye-records.ts'

/**
 * Where this agent writes what it was told: `paths` are all files of its session, `path` the one written last. `absent`:
 * nothing was ever said to this session. `unknown`: not to be told.
 */
export type TranscriptPlace =
  | {
      readonly is: 'file'
      readonly path: string
      readonly paths: readonly string[]
      readonly sessionId: string | null
    }
  | { readonly is: 'absent'; readonly sessionId: string | null }
  | { readonly is: 'unknown' }

/**
 * "$1" CLI · "$2" session id or '' · "$3" pid of the terminal's first process · then config homes. Codex names its thread only
 * by the lock file that it holds open.
 */
const LOCATE = `# vc:ask engine.transcript
${sh`
W=
out() { [ -f "$1" ] && [ -r "$1" ] || return 0; printf 'path %s\n' "$1"; if [ -z "$W" ] || [ "$1" -nt "$W" ]; then W=$1; fi; }
tree() { printf '%s\n' "$1"; for c in $(cat /proc/"$1"/task/*/children 2>/dev/null); do tree "$c"; done; }
locate() {
  C=$1 I=$2 R=$3; shift 3
  home=\${HOME:-/nonexistent} seen=
  case $C in
  claude)
    [ -n "$I" ] || return 0
    for d in "$home/.claude" "\${CLAUDE_CONFIG_DIR:-/nonexistent}" "$@"; do for f in "$d"/projects/*/"$I".jsonl; do out "$f"; done; done ;;
  codex)
    if [ -z "$I" ] && [ -n "$R" ]; then
      for p in $(tree "$R"); do
        for l in /proc/"$p"/fd/*; do
          [ -L "$l" ] && seen=1
          t=$(readlink "$l" 2>/dev/null); case $t in */thread-writer-locks/*.lock) I=\${t##*/}; I=\${I%.lock} ;; esac
        done
      done
      # its files are open to us, and no thread is among them: it was told nothing yet
      case $I in '') [ -z "$seen" ] || printf 'nothing\n'; return 0 ;; *[!0-9a-f-]*) return 0 ;; esac
      printf 'session %s\n' "$I"
    fi
    [ -n "$I" ] || return 0
    for d in "\${CODEX_HOME:-$home/.codex}" "$@"; do for f in "$d"/sessions/*/*/*/rollout-*-"$I".jsonl; do out "$f"; done; done ;;
  gemini)
    [ -n "$I" ] || return 0
    s=\${I%%-*}
    for d in "$home/.gemini" "$@"; do for f in "$d"/tmp/*/chats/session-*-"$s".jsonl; do out "$f"; done; done ;;
  opencode)
    for d in "\${XDG_DATA_HOME:-$home/.local/share}/opencode" "$@"; do out "$d/opencode.db"; done ;;
  esac
}
locate "$@" </dev/null 2>/dev/null
[ -z "$W" ] || printf 'newest %s\n' "$W"
`}`

export async function locateTranscript(
  asker: Asker,
  cli: AgentCli,
  known: { readonly sessionId: string | null; readonly pid: number; readonly homes: readonly string[] },
): Promise<TranscriptPlace> {
  const args = [cli, known.sessionId ?? '', String(known.pid), ...known.homes]
  const answer = await asker.run({ script: LOCATE, args, timeoutMs: 8_000, maxBytes: 64 * 1024 })
  if (answer.fault !== null) return { is: 'unknown' }
  const lines = decodeUtf8(answer.stdout).split('\n')
  const value = (word: string): string | null =>
    lines.findLast((line) => line.startsWith(`${word} `))?.slice(word.length + 1) ?? null
  const sessionId = value('session') ?? known.sessionId
  const isPath = (word: string): boolean => word.startsWith('/')
  const paths = lines.flatMap((line) => (line.startsWith('path ') ? [line.slice(5)] : [])).filter(isPath)
  const path = value('newest')
  if (path !== null && isPath(path)) return { is: 'file', path, paths, sessionId }
  const told = sessionId !== null || cli === 'opencode' || lines.includes('nothing')
  return told ? { is: 'absent', sessionId } : { is: 'unknown' }
}

/** How often the watched prompt turned up since the watch began; null: cannot be read. */
export interface Watched {
  readonly recorded: number | null
  readonly waiting: number | null
  readonly sessionId: string | null
}

export interface PromptWatch {
  count(): Promise<Watched>
}

const UNREADABLE: Watched = { recorded: null, waiting: null, sessionId: null }
const PIECE = 1024 * 1024
const MAX_PIECES = 32

/** One append-only file from here on: what it gained since, in whole lines. */
const openTail = (asker: Asker, path: string, from: number) => {
  let offset = from
  let rest: Buffer = Buffer.alloc(0)
  const take = (bytes: Uint8Array): readonly string[] => {
    offset += bytes.length
    const all = Buffer.concat([rest, bytes])
    const end = all.lastIndexOf(10) + 1
    rest = Buffer.from(all.subarray(end))
    return decodeUtf8(all.subarray(0, end)).split('\n')
  }
  /** Null: it cannot be read. */
  return async (): Promise<readonly string[] | null> => {
    const lines: string[] = []
    for (let piece = 0; piece < MAX_PIECES; piece += 1) {
      const range = await asker.readRange({ path, offset, maxBytes: PIECE })
      if (range.is === 'missing') break
      if (range.is !== 'bytes') return null
      lines.push(...take(range.bytes))
      if (range.bytes.length < PIECE) break
    }
    return lines
  }
}

/**
 * Counts in the bytes that an append-only transcript gained since the watch began, in every file of the session: Gemini begins
 * a new file when it resumes and goes on in the old one. `place` is asked again while it is absent.
 */
export async function watchLines(
  asker: Asker,
  cli: AgentCli,
  prompt: string,
  place: () => Promise<TranscriptPlace>,
): Promise<PromptWatch> {
  const first = await place()
  const paths = first.is === 'file' ? first.paths : []
  const begun = paths.length === 0 ? [] : await asker.stat(paths)
  // Where the beginning is not known, old records could not be told from new ones.
  const blind = first.is === 'unknown' || paths.some((_, at) => begun[at]?.is !== 'file')
  const tails = new Map(
    paths.map((path, at) => {
      const stat = begun[at]
      return [path, openTail(asker, path, stat?.is === 'file' ? stat.size : 0)] as const
    }),
  )
  let [sent, kept] = [0, 0]
  return {
    async count() {
      const at = blind ? first : await place()
      if (blind || at.is === 'unknown') return UNREADABLE
      for (const path of at.is === 'file' ? at.paths : []) {
        const tail = tails.get(path) ?? openTail(asker, path, 0)
        tails.set(path, tail)
        const lines = await tail()
        if (lines === null) return UNREADABLE
        const found = countPrompt(cli, lines, prompt)
        sent += found.sent
        kept += found.kept
      }
      return { recorded: sent, waiting: kept, sessionId: at.sessionId }
    },
  }
}

const hex = (text: string): string => `CAST(x'${Buffer.from(text, 'utf8').toString('hex')}' AS TEXT)`
const bareSql = (text: string): string =>
  [' ', '\t', '\n', '\r'].reduce((sql, blank) => `replace(${sql}, ${hex(blank)}, '')`, text)

/** OpenCode keeps prompts as rows: user messages newer than the newest at the beginning, in this folder or session. */
export async function watchRows(
  asker: Asker,
  prompt: string,
  where: { readonly place: () => Promise<TranscriptPlace>; readonly cwd: string; readonly sessionId: string | null },
): Promise<PromptWatch> {
  const own =
    where.sessionId === null
      ? `(SELECT id FROM session WHERE directory = ${hex(where.cwd)} AND parent_id IS NULL)`
      : `(SELECT id FROM session WHERE id = ${hex(where.sessionId)})`
  const ask = async (sql: string): Promise<SqliteAnswer> => {
    const at = await where.place()
    if (at.is === 'unknown') return { is: 'fault', fault: 'bad_output', detail: 'its database was not looked for' }
    return at.is === 'absent' ? { is: 'missing' } : asker.sqlite(at.path, sql)
  }
  const begun = await ask('SELECT coalesce(max(time_created), 0) AS newest FROM message')
  const newest = begun.is === 'rows' ? Math.trunc(Number(begun.rows[0]?.newest ?? 0)) : 0
  const sql = `SELECT m.session_id AS session FROM message m JOIN part p ON p.message_id = m.id
WHERE m.time_created > ${Number.isSafeInteger(newest) ? newest : 0} AND m.session_id IN ${own}
AND json_extract(m.data, '$.role') = 'user' AND json_extract(p.data, '$.type') = 'text'
AND ${bareSql(`json_extract(p.data, '$.text')`)} = ${bareSql(hex(prompt))} LIMIT 50`
  return {
    async count() {
      const answer = begun.is === 'fault' ? begun : await ask(sql)
      if (answer.is === 'missing') return { recorded: 0, waiting: null, sessionId: null }
      if (answer.is !== 'rows') return UNREADABLE
      const session = answer.rows.at(-1)?.session
      return { recorded: answer.rows.length, waiting: null, sessionId: typeof session === 'string' ? session : null }
    },
  }
}
