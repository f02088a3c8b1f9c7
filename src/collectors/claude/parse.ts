import { displayText } from '../../core/text.ts'
import { claudeQuotaLimit } from '../accounts/index.ts'
import { type JsonObject, objectOf, textOf, timeOf } from '../transcripts/json-cut.ts'
import { inReach, kernel, lineAt, textStart } from '../transcripts/kernel.ts'
import { type KnownSession, newSession, stemOf } from '../transcripts/known-session.ts'
import type { ParserFile, Place, Sink, TranscriptParser } from '../transcripts/source.ts'
import { rowRun } from '../transcripts/usage-rows.ts'
import {
  answerRead,
  becomesRow,
  forgetAnswer,
  hasTokens,
  mayAnswer,
  nextLine,
  parseRecord,
  readIdentity,
  settleAnswers,
} from './record.ts'
import {
  type Answer,
  answerKey,
  answerOf,
  claudeUsage,
  contextTokens,
  type Envelope,
  envelopeOf,
  type NamedAnswer,
  PROVIDER,
} from './usage.ts'

const TIMESTAMP = Buffer.from('"timestamp":"')
const IDENTITY_LINE_BYTES = 64 * 1024
// A file whose first records name no session is looked at no further for one; usage lines name it anyway.
const IDENTITY_LINES = 40
const NOWHERE = -1

interface State {
  readonly known: KnownSession | null
  readonly lines: number
}

/** Reads one Claude Code transcript: usage, errors, limits and the session's identity; message text is never decoded. */
export const claudeParser = (file: ParserFile, state: unknown, sink: Sink): TranscriptParser => {
  const before = state as State | null
  let known: KnownSession | null = before?.known ?? null
  let lines = before?.lines ?? 0
  let place: Place | null = null

  const identify = (envelope: Envelope, atMs: number | null): KnownSession => {
    const { sessionId: session, agentId: agent } = envelope
    const own = agent === null ? (session ?? stemOf(file.path)) : `agent-${agent}`
    known ??= newSession(own, PROVIDER)
    known.sessionId = own
    known.isSubagent = agent !== null
    known.parentSessionId = agent === null ? null : session
    known.cwd = envelope.cwd ?? known.cwd
    known.gitBranch = envelope.gitBranch ?? known.gitBranch
    known.cliVersion = envelope.version ?? known.cliVersion
    known.entrypoint = envelope.entrypoint ?? known.entrypoint
    if (atMs !== null) known.startedMs = Math.min(known.startedMs ?? atMs, atMs)
    return known
  }

  // One object per run of equal places, so that thousands of facts share it.
  const placeOf = (isSidechain: boolean, session: KnownSession): Place => {
    if (
      place === null ||
      place.sessionId !== session.sessionId ||
      place.cwd !== session.cwd ||
      place.isSidechain !== isSidechain
    ) {
      const { sessionId, parentSessionId, cwd } = session
      place = { sessionId, parentSessionId, isSidechain, cwd, account: file.account }
    }
    return place
  }

  /** The moment of a record, which moves the session's last activity. */
  const momentOf = (session: KnownSession, atMs: number | null): number => {
    if (atMs === null) sink.trouble('time_missing')
    const tsMs = atMs ?? session.lastActivityMs ?? file.mtimeMs
    session.lastActivityMs = Math.max(session.lastActivityMs ?? tsMs, tsMs)
    return tsMs
  }

  const takeError = (record: JsonObject, session: KnownSession, tsMs: number): void => {
    session.lastError = displayText(textOf(record.apiError) ?? textOf(record.error) ?? 'api_error', 64)
    session.lastErrorMs = tsMs
    const account = file.account !== null && tsMs >= file.account.sinceMs ? file.account.key : null
    for (const observation of claudeQuotaLimit(record, { machineId: file.machineId, accountKey: account }))
      sink.account({ observation, responseKey: null, responseMs: tsMs })
  }

  const takeUsage = (answer: Answer, key: string, session: KnownSession, tsMs: number): void => {
    const fact = claudeUsage(answer, key, placeOf(answer.isSidechain, session), tsMs)
    if (fact === null) return
    sink.usage(fact)
    session.model = fact.model ?? session.model
    if (fact.place.isSidechain === session.isSubagent) session.contextTokens = contextTokens(fact)
  }

  /** What became rows since, which are all of the place that was settled, moves the session on as single answers do. */
  const takeRows = (): void => {
    const run = rowRun()
    if (run === null || known === null) return
    known.startedMs = Math.min(known.startedMs ?? run.firstMs, run.firstMs)
    known.lastActivityMs = Math.max(known.lastActivityMs ?? run.lastMs, run.lastMs)
    known.model = run.model
    if (place?.isSidechain === known.isSubagent) known.contextTokens = run.contextTokens
  }

  const takeAnswer = (answer: NamedAnswer): void => {
    const session = identify(answer, answer.atMs)
    settleAnswers(sink.rows.at(placeOf(answer.isSidechain, session), PROVIDER))
    if (becomesRow()) takeRows()
    else takeUsage(answer, answer.id, session, momentOf(session, answer.atMs))
  }

  const takeRecord = (record: JsonObject, line: Buffer): void => {
    if (record.type !== 'assistant' && record.type !== undefined) return
    if (objectOf(record.message) === null) return
    const atMs = timeOf(record.timestamp)
    const session = identify(envelopeOf(record), atMs)
    const tsMs = momentOf(session, atMs)
    if (record.isApiErrorMessage === true) takeError(record, session, tsMs)
    const answer = answerOf(record)
    if (answer !== null) takeUsage(answer, answerKey(answer, session.sessionId, line), session, tsMs)
  }

  const needsIdentity = (): boolean => lines <= IDENTITY_LINES && (known === null || known.cwd === null)

  const takeIdentity = (line: Buffer): void => {
    if (line.length > IDENTITY_LINE_BYTES) return
    const record = readIdentity(line) ?? objectOf(parseRecord(line))
    if (record !== null && textOf(record.sessionId) !== null && textOf(record.type) !== null)
      identify(envelopeOf(record), timeOf(record.timestamp))
  }

  const takeParsed = (line: Buffer): void => {
    const record = objectOf(parseRecord(line))
    if (record === null) sink.trouble('malformed_line')
    else takeRecord(record, line)
  }

  const takePiece = (piece: Buffer): void => {
    forgetAnswer()
    for (let from = textStart(piece); ; from = lineAt(piece).end + 1) {
      const found = nextLine(piece, from, needsIdentity())
      lines += kernel.lineCount()
      takeRows()
      if (found === 'end') break
      if (found === 'answer') {
        takeAnswer(answerRead())
        continue
      }
      const { start, end } = lineAt(piece)
      const line = piece.subarray(start, end)
      // It may say of its session what the answers behind it are compared with.
      settleAnswers(NOWHERE)
      if (found === 'unread' && hasTokens(line)) takeParsed(line)
      else if (needsIdentity()) takeIdentity(line)
    }
    sink.rows.take()
  }

  const takeLong = (line: Buffer): void => {
    lines += 1
    if (mayAnswer(line) && hasTokens(line)) takeParsed(line)
  }

  return {
    feed(block) {
      inReach(block, takePiece, takeLong)
      const at = block.lastIndexOf(TIMESTAMP)
      const seen = at < 0 ? null : timeOf(block.toString('latin1', at + TIMESTAMP.length, at + TIMESTAMP.length + 24))
      if (known !== null && seen !== null) known.lastActivityMs = Math.max(known.lastActivityMs ?? seen, seen)
    },
    newest(records) {
      for (const record of records) {
        const atMs = timeOf(objectOf(record)?.timestamp)
        if (known !== null && atMs !== null) known.lastActivityMs = Math.max(known.lastActivityMs ?? atMs, atMs)
      }
    },
    state: () =>
      known === null && lines === 0 ? null : ({ known, lines: Math.min(lines, 1_000_000) } satisfies State),
    session: () => (known === null ? null : { ...known }),
  }
}
