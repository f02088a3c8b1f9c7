import { createHash } from 'node:crypto'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { addTurns, type Chat, type ChatWriter, GEMINI_CANARIES, header } from './gemini-chat.ts'
import { createRandom } from './random.ts'
import { type CorpusTruth, noTokens } from './session-truth.ts'

export interface GeminiCorpusOptions {
  readonly seed: number
  readonly sessions: number
  readonly turnsPerSession: number
}

export interface GeminiCorpus extends CorpusTruth {
  /** Chat files written, by absolute path. */
  readonly files: readonly string[]
  /** Working directory of each project directory, as far as anything on the machine tells. */
  readonly roots: Readonly<Record<string, string>>
}

const BASE_MS = Date.UTC(2026, 9, 1)
const hashOf = (path: string): string => createHash('sha256').update(path).digest('hex')

// A slug with `.project_root`, a slug only projects.json knows, and the directory style of before 2026.
const PROJECTS = [
  { dir: 'demo', path: '/home/dev/code/demo', rooted: true },
  { dir: 'other-1', path: '/home/dev/code/other', rooted: false },
  { dir: hashOf('/home/dev/code/old'), path: '/home/dev/code/old', rooted: false },
] as const

type Project = (typeof PROJECTS)[number]

interface Corpus extends ChatWriter {
  readonly home: string
  readonly files: string[]
  clockMs: number
}

const put = (path: string, content: string | Buffer): void => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
}

const newChat = (corpus: Corpus): Chat => {
  corpus.clockMs += corpus.random.int(60_000, 3_600_000)
  const sessionId = corpus.random.uuid()
  corpus.sessions[sessionId] = noTokens()
  return { sessionId, lines: [], messages: [], atMs: corpus.clockMs }
}

const chatsOf = (corpus: Corpus, project: Project): string => join(corpus.home, 'tmp', project.dir, 'chats')

const fileName = (chat: Chat): string =>
  `session-${new Date(chat.atMs).toISOString().slice(0, 16).replaceAll(':', '-')}-${chat.sessionId.slice(0, 8)}.jsonl`

const save = (corpus: Corpus, path: string, content: string | Buffer): void => {
  put(path, content)
  corpus.files.push(path)
}

const text = (chat: Chat, ending = '\n'): string => chat.lines.map((line) => `${line}${ending}`).join('')

const plainChat = (corpus: Corpus, project: Project, turns: number): { path: string; chat: Chat } => {
  const chat = newChat(corpus)
  const path = join(chatsOf(corpus, project), fileName(chat))
  chat.lines.push(JSON.stringify(header(chat, hashOf(project.path), 'main')))
  addTurns(corpus, chat, turns)
  return { path, chat }
}

/** An old `.json`, pretty-printed, and the `.jsonl` that resuming it put beside it: the old messages stand in both. */
const resumedLegacy = (corpus: Corpus, project: Project, turns: number): void => {
  const chat = newChat(corpus)
  const path = join(chatsOf(corpus, project), fileName(chat).replace(/jsonl$/, 'json'))
  const head = header(chat, hashOf(project.path), 'main')
  addTurns(corpus, chat, turns)
  // Rewritten files hold the final state of each message only, every one of them.
  const messages = [
    ...new Map(
      chat.lines
        .map(parseMessage)
        .filter((m) => m !== null)
        .map((m) => [m.id, m]),
    ).values(),
  ]
  save(corpus, path, JSON.stringify({ ...head, messages }, null, 2))
  const resumed: Chat = { ...chat, lines: [], messages: [] }
  resumed.lines.push(JSON.stringify(head), ...messages.map((message) => JSON.stringify(message)))
  resumed.lines.push(JSON.stringify({ $set: { sessionId: chat.sessionId } }))
  addTurns(corpus, resumed, turns)
  save(corpus, `${path}l`, text(resumed))
}

const parseMessage = (line: string): { id: string } | null => {
  const record = JSON.parse(line)
  return typeof record.id === 'string' && record.tokens !== null ? record : null
}

const subagentChat = (corpus: Corpus, project: Project, parent: Chat): void => {
  const chat = newChat(corpus)
  chat.lines.push(JSON.stringify(header(chat, hashOf(project.path), 'subagent')))
  addTurns(corpus, chat, 2)
  save(corpus, join(chatsOf(corpus, project), parent.sessionId, `${chat.sessionId}.jsonl`), text(chat))
}

const damaged = (chat: Chat): Buffer => {
  const lines = text(chat, '\r\n')
  const noise = '{"id":"x","type":"gemini","tokens":{"input":\n\nnot json at all "tokens":{}\n[]\nnull\n'
  const invalid = Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d, 0x0a])
  return Buffer.concat([Buffer.from('\ufeff'), Buffer.from(lines), Buffer.from(noise), invalid])
}

const plantAround = (corpus: Corpus): void => {
  const { home } = corpus
  put(join(home, 'oauth_creds.json'), JSON.stringify({ access_token: GEMINI_CANARIES[5] }))
  put(join(home, 'google_accounts.json'), JSON.stringify({ active: GEMINI_CANARIES[7] }))
  put(join(home, 'tmp/demo/logs.json'), JSON.stringify([{ message: GEMINI_CANARIES[6] }]))
  put(join(home, 'tmp/demo/chats/notes.txt'), GEMINI_CANARIES[6])
  mkdirSync(join(home, 'tmp/demo/chats/session-2026-01-01T00-00-directory.jsonl'), { recursive: true })
  symlinkSync(home, join(home, 'tmp/demo/loop'))
  symlinkSync(join(home, 'oauth_creds.json'), join(home, 'tmp/demo/chats/session-2026-01-01T00-00-link.jsonl'))
  put(join(home, 'tmp/demo/chats/session-2026-01-01T00-00-foreign.json'), JSON.stringify({ hello: GEMINI_CANARIES[6] }))
  const known = PROJECTS.map((project) => [project.path, project.dir.length === 64 ? 'old' : project.dir])
  put(join(home, 'projects.json'), JSON.stringify({ projects: Object.fromEntries(known) }))
  for (const project of PROJECTS) if (project.rooted) put(join(home, 'tmp', project.dir, '.project_root'), project.path)
}

/** Writes a config home (`…/.gemini`) with every trap of the format and says what each session really used. */
export const writeGeminiCorpus = (home: string, options: GeminiCorpusOptions): GeminiCorpus => {
  const random = createRandom(options.seed)
  const corpus: Corpus = { home, random, sessions: {}, files: [], clockMs: BASE_MS }
  for (let n = 0; n < options.sessions; n += 1) {
    const project = PROJECTS[n % PROJECTS.length] ?? PROJECTS[0]
    if (n % 4 === 1) {
      resumedLegacy(corpus, project, options.turnsPerSession)
      continue
    }
    const { path, chat } = plainChat(corpus, project, options.turnsPerSession)
    save(corpus, path, n === 0 ? damaged(chat) : text(chat))
    // The same chat copied into another project: its messages count once.
    if (n === 2) save(corpus, path.replace(`/tmp/${project.dir}/`, '/tmp/demo/'), text(chat))
    if (n % 3 === 0) subagentChat(corpus, project, chat)
  }
  plantAround(corpus)
  const truth = { seed: options.seed, sessions: corpus.sessions, canaries: GEMINI_CANARIES }
  put(join(home, 'truth.json'), JSON.stringify(truth))
  const roots = Object.fromEntries(PROJECTS.map((project) => [join(home, 'tmp', project.dir), project.path]))
  return { ...truth, files: corpus.files, roots }
}
