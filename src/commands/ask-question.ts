import type { AskRequest, Reply } from '../core/carrier.ts'
import { VcError } from '../core/errors.ts'
import { displayText } from '../core/text.ts'
import { INTENTS, type Intent } from '../oracle/ask-intents.ts'
import type { KnownNames, Named } from '../oracle/ask-names.ts'
import { type Understood, understand, wordsOf } from '../oracle/ask-understand.ts'
import { agentStuck, trouble, whatNext, whoNeedsMe } from './ask-agents.ts'
import type { Answerer, AskAnswer } from './ask-answer.ts'
import { changes, disks, machineSlow } from './ask-machine.ts'
import { cost, nextAccount } from './ask-money.ts'
import { buildsNow, dirtyRepos, mailNow, readyWork } from './ask-work.ts'

/** Intent to how it is answered; a test holds that none is missing. */
export const ANSWERERS: Readonly<Record<string, Answerer>> = {
  machine_slow: machineSlow,
  agent_stuck: agentStuck,
  who_needs_me: whoNeedsMe,
  what_next: whatNext,
  cost,
  next_account: nextAccount,
  changed: changes,
  ready_work: readyWork,
  disk: disks,
  builds: buildsNow,
  mail: mailNow,
  incidents: trouble,
  dirty_repos: dirtyRepos,
}

export interface AskedQuestion {
  readonly question: string
  readonly understood: boolean
  readonly intent: string | null
  readonly about: string | null
  readonly named: readonly Named[]
  readonly since: string | null
  /** Not part of it; null: up to now. */
  readonly until: string | null
  /** The named queries that were asked, in order: each can be asked again with `vc robot`. */
  readonly asked: readonly AskRequest[]
  readonly answer: string
  readonly evidence: AskAnswer['evidence']
  readonly commands: AskAnswer['commands']
  /** What the answer does not take into account. */
  readonly notes: readonly string[]
  readonly warnings: readonly string[]
  /** Filled when the question was not understood: what can be asked. */
  readonly can_ask: readonly { readonly about: string; readonly example: string }[]
}

type Ask = (request: AskRequest) => Promise<Reply>
type Rows = readonly Readonly<Record<string, unknown>>[]

const texts = (rows: Rows, ...keys: readonly string[]): string[] =>
  rows.flatMap((row) => keys.flatMap((key) => (typeof row[key] === 'string' ? [row[key]] : [])))

/** Agents that a word of the question may name, however long ago they ended, on machines that are looked at. */
const readNamedAgents = async (ask: Ask, words: readonly string[], machines: Rows): Promise<string[]> => {
  const ids = new Set(texts(machines, 'id'))
  const found = words
    .filter((word) => word.includes('-') && word.length <= 100)
    .map((id) => ask({ topic: 'search', params: { id, kind: 'agent', limit: 500 } }))
  const hits = (await Promise.all(found)).flatMap(({ data }) => (data as { hits: Rows }).hits)
  return texts(
    hits.filter(({ machine }) => ids.has(String(machine))),
    'subject',
  )
}

/** The names a question may speak of: of agents those that live and that ended last, and who is named. */
const readNames = async (ask: Ask, words: readonly string[]): Promise<KnownNames> => {
  const rows = async (topic: string, params: AskRequest['params'] = {}): Promise<Rows> =>
    ((await ask({ topic, params })).data as Readonly<Record<string, Rows>>)[topic] ?? []
  const machines = await rows('machines')
  const [agents, named, accounts, repos] = [
    await rows('agents', { all: 'true' }),
    await readNamedAgents(ask, words, machines),
    await rows('accounts'),
    await rows('repos', { limit: 5000 }),
  ]
  return {
    machine: texts(machines, 'id'),
    agent: [...new Set([...texts(agents, 'agent'), ...named])],
    account: [...new Set(texts(accounts, 'label', 'account'))],
    repo: [...new Set(texts(repos, 'name'))],
  }
}

/** The models that were used lately; whoever asks of another one hears that it was not taken into account. */
const readModels = async (ask: Ask): Promise<readonly string[]> => {
  const { groups } = (await ask({ topic: 'usage', params: { since: '90d', by: 'model' } })).data as { groups?: Rows }
  return texts(groups ?? [], 'key')
}

const canAsk = INTENTS.map(({ about, example }) => ({ about, example }))

const nothing = (question: string, answer: string, intent: Intent | null): AskedQuestion => ({
  question,
  understood: false,
  intent: intent?.id ?? null,
  about: intent?.about ?? null,
  named: [],
  since: null,
  until: null,
  asked: [],
  answer,
  evidence: [],
  commands: [],
  notes: [],
  warnings: [],
  can_ask: canAsk,
})

const notUnderstood = (
  question: string,
  read: Exclude<Understood, { is: 'intent' }>,
  known: KnownNames,
): AskedQuestion => {
  const said = (word: string): string => displayText(word, 40)
  if (read.is === 'unclear')
    return { ...nothing(question, `“${said(read.word)}” ${read.why} (${read.fix})`, read.intent), can_ask: [] }
  const near = read.guess === null ? '' : `; did you mean the ${read.guess.kind} ${said(read.guess.name)}?`
  if (read.is === 'not_understood') return nothing(question, `that question was not understood${near}`, null)
  const kind = read.intent.needs ?? read.guess?.kind ?? 'machine'
  const names = known[kind].slice(0, 12).map(said).join(', ') || 'none is known yet'
  const who = read.unknown === null ? `which ${kind}?` : `nothing is called “${said(read.unknown)}”${near}`
  return nothing(question, `${who} (${kind}s: ${names})`, read.intent)
}

/** Why nothing is known now of a machine, or of an agent on it, that somebody names: nobody looks there. Null: that is not why. */
const notLookedAt = async (ask: Ask, word: string): Promise<string | null> => {
  const [id = ''] = word.split('/')
  try {
    await ask({ topic: 'machine', params: { id } })
    return null
  } catch (error) {
    if (!(error instanceof VcError) || !['machine_disabled', 'machine_removed'].includes(error.code)) return null
    return `${error.message} (${error.fix})`
  }
}

const notesOf = (unused: readonly string[]): string[] =>
  unused.length === 0 ? [] : [`not taken into account: ${unused.map((word) => displayText(word, 40)).join(', ')}`]

/** Answers a question in words from fixed named queries. Nothing of the question becomes SQL or a command. */
export const askQuestion = async (ask: Ask, question: string, now: Date): Promise<AskedQuestion> => {
  const known = await readNames(ask, wordsOf(question))
  const text = displayText(question, 400)
  const read = understand(question, known, now, await readModels(ask))
  if (read.is === 'which' && read.unknown !== null) {
    const why = await notLookedAt(ask, read.unknown)
    if (why !== null) return { ...nothing(text, why, read.intent), can_ask: [] }
  }
  if (read.is !== 'intent') return notUnderstood(text, read, known)
  const asked: AskRequest[] = []
  const warnings = new Set<string>()
  const answerer = ANSWERERS[read.intent.id]
  if (answerer === undefined) throw new Error(`nobody answers ${read.intent.id}`)
  const said = await answerer({
    named: read.named,
    span: read.span,
    by: read.by,
    async ask(topic, params = {}) {
      const reply = await ask({ topic, params })
      asked.push({ topic, params })
      for (const one of reply.warnings ?? []) warnings.add(one)
      return reply
    },
  })
  return {
    question: text,
    understood: true,
    intent: read.intent.id,
    about: read.intent.about,
    named: read.named,
    since: read.span?.since ?? null,
    until: read.span?.until ?? null,
    asked,
    answer: said.answer,
    evidence: said.evidence,
    commands: said.commands,
    notes: [...(said.notes ?? []), ...notesOf(read.unused)],
    warnings: [...warnings],
    can_ask: [],
  }
}
