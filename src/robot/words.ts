// Ids that a shell offers while somebody types: from the daemon, else from its last words, else none. Never a wait, never a word.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fetchAnswer, runDir, usualSocket } from './thin-socket.ts'

/** What each kind of names is read from: a topic, and the fields of its rows. */
const KINDS: Readonly<Record<string, { readonly topic: string; readonly fields: readonly string[] }>> = {
  machines: { topic: 'machines', fields: ['id'] },
  agents: { topic: 'agents', fields: ['agent'] },
  tags: { topic: 'machines', fields: ['tags'] },
  providers: { topic: 'accounts', fields: ['provider'] },
}
/** Together with the start of the program this stays below what a person notices; VC_PING_MS gives more. */
const patienceMs = (): number => Number(process.env.VC_PING_MS) || 80
// Whatever else an id may hold has no business on a command line that is being typed.
const PLAIN = /^[A-Za-z0-9][A-Za-z0-9._@/-]*$/

interface Rows {
  readonly data?: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>
}

type Kind = (typeof KINDS)[string]

const namesIn = (reply: Rows, { topic, fields }: Kind): string[] => {
  const names = (reply.data?.[topic] ?? []).flatMap((row) => fields.flatMap((field) => row[field]))
  return [...new Set(names)].filter((name): name is string => typeof name === 'string' && PLAIN.test(name))
}

const fromDaemon = async (kind: Kind): Promise<string[] | null> => {
  const socket = usualSocket()
  const answer = socket === null ? null : await fetchAnswer(socket, `/v1/robot/${kind.topic}?format=json`, patienceMs())
  return answer === null ? null : namesIn(JSON.parse(answer.body.toString('utf8')) as Rows, kind)
}

interface LastWords {
  readonly answers: readonly { readonly request: { readonly topic: string }; readonly reply: Rows }[]
}

const fromLastWords = (kind: Kind): string[] => {
  const { answers } = JSON.parse(readFileSync(join(runDir(), 'state.json'), 'utf8')) as LastWords
  const kept = answers.find(({ request }) => request.topic === kind.topic)
  return kept === undefined ? [] : namesIn(kept.reply, kind)
}

/** Names of a kind, as far as they are known at once; empty for anything else. Never rejects. */
export const knownWords = async (name: string): Promise<readonly string[]> => {
  const kind = Object.hasOwn(KINDS, name) ? KINDS[name] : undefined
  if (kind === undefined) return []
  try {
    return (await fromDaemon(kind)) ?? fromLastWords(kind)
  } catch {
    return []
  }
}
