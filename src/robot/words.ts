// Ids that a shell offers while somebody types: from the daemon, else from its last words, else none. Never a wait, never a word.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fetchAnswer, runDir, usualSocket } from './thin-socket.ts'

const KINDS: ReadonlySet<string> = new Set(['machines', 'agents'])
/** Together with the start of the program this stays below what a person notices; VC_PING_MS gives more. */
const patienceMs = (): number => Number(process.env.VC_PING_MS) || 80
// Whatever else an id may hold has no business on a command line that is being typed.
const PLAIN = /^[A-Za-z0-9][A-Za-z0-9._@/-]*$/

interface Rows {
  readonly data?: Readonly<Record<string, readonly { readonly id?: unknown; readonly agent?: unknown }[]>>
}

const idsIn = (reply: Rows, kind: string): string[] =>
  (reply.data?.[kind] ?? [])
    .map((row) => row.agent ?? row.id)
    .filter((id): id is string => typeof id === 'string' && PLAIN.test(id))

const fromDaemon = async (kind: string): Promise<string[] | null> => {
  const socket = usualSocket()
  const answer = socket === null ? null : await fetchAnswer(socket, `/v1/robot/${kind}?format=json`, patienceMs())
  return answer === null ? null : idsIn(JSON.parse(answer.body.toString('utf8')) as Rows, kind)
}

interface LastWords {
  readonly answers: readonly { readonly request: { readonly topic: string }; readonly reply: Rows }[]
}

const fromLastWords = (kind: string): string[] => {
  const { answers } = JSON.parse(readFileSync(join(runDir(), 'state.json'), 'utf8')) as LastWords
  const kept = answers.find(({ request }) => request.topic === kind)
  return kept === undefined ? [] : idsIn(kept.reply, kind)
}

/** Ids of machines or agents, as far as they are known at once; empty for anything else. Never rejects. */
export const knownWords = async (kind: string): Promise<readonly string[]> => {
  if (!KINDS.has(kind)) return []
  try {
    return (await fromDaemon(kind)) ?? fromLastWords(kind)
  } catch {
    return []
  }
}
