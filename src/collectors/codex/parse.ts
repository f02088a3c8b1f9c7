import { displayText } from '../../core/text.ts'
import { codexRateLimits } from '../accounts/index.ts'
import { type JsonObject, objectOf, parseJson, parseLine, textOf, timeOf } from '../transcripts/json-cut.ts'
import { inReach, lineAt, textStart } from '../transcripts/kernel.ts'
import { ledgerKey, usageFact } from '../transcripts/ledger.ts'
import type { ParserFile, Place, SessionFact, Sink, TranscriptParser } from '../transcripts/source.ts'
import { readError } from './error.ts'
import { createRepeats, isObservable, thinOut } from './limits.ts'
import {
  areLimitsOf,
  areLimitsRepeated,
  type LineKind,
  limitsRead,
  longLineKind,
  nextLine,
  type QuickCount,
  readCount,
  readGoodEnd,
  readMetaLine,
  readTurn,
  readUsage,
  type Turn,
} from './record.ts'
import { type CodexState, freshState } from './state.ts'
import { isUnique, momentOfId, readMeta, threadOfPath } from './thread.ts'
import { settleThread, type ThreadRun, threadRun, unsettleThread } from './thread-rows.ts'
import { type Counters, countersOf, counterText, isZero, minus, normalized, restarted, ZERO } from './tokens.ts'

const MAX_PARSE_BYTES = 32 * 1024 * 1024

/** A turn as a parsed payload tells it. */
const turnOf = (payload: JsonObject): Turn => ({
  turnId: textOf(payload.turn_id),
  model: textOf(payload.model),
  cwd: textOf(payload.cwd),
  startedSeconds: typeof payload.started_at === 'number' ? payload.started_at : null,
})

/** Reads one Codex rollout: usage per response, rate limits of genuine responses, errors and the thread's identity. */
export const codexParser = (file: ParserFile, before: unknown, sink: Sink): TranscriptParser => {
  const state: CodexState = before === null ? freshState() : structuredClone(before as CodexState)
  let place: Place | null = null
  const repeats = createRepeats()

  const placeNow = (): Place => {
    const sessionId = state.threadId ?? threadOfPath(file.path) ?? file.path.slice(file.path.lastIndexOf('/') + 1)
    if (place === null || place.sessionId !== sessionId || place.cwd !== state.cwd) {
      const parentSessionId = state.parentId
      place = { sessionId, parentSessionId, isSidechain: state.isSubagent, cwd: state.cwd, account: file.account }
    }
    return place
  }

  const sawAt = (ms: number): number => {
    state.lastActivityMs = Math.max(state.lastActivityMs ?? ms, ms)
    state.startedMs = Math.min(state.startedMs ?? ms, ms)
    return ms
  }

  const timeFor = (timestamp: unknown): number => {
    const at = timeOf(timestamp)
    if (at === null) sink.trouble('time_missing')
    return sawAt(at ?? state.lastActivityMs ?? file.mtimeMs)
  }

  const emit = (key: string, counters: Counters, tsMs: number): void => {
    const provider = state.provider ?? 'openai'
    const tokens = normalized(counters)
    sink.usage(usageFact({ provider, key, tsMs, requestId: null, model: state.model, ...tokens, place: placeNow() }))
    state.responseKey = ledgerKey({ key })
    state.responseMs = tsMs
  }

  const takeMeta = (payload: JsonObject): void => {
    const meta = readMeta(payload)
    if (state.threadId !== null) {
      // A second meta with another id is an ancestor's, copied with its history.
      if (meta.id !== null && meta.id !== state.threadId && !state.counted) state.rootId = meta.id
      return
    }
    state.threadId = meta.id ?? threadOfPath(file.path)
    state.rootId = meta.parentId ?? state.threadId
    state.parentId = meta.parentId
    state.isSubagent = meta.isSubagent
    state.createdMs = meta.createdMs
    state.provider = meta.provider
    state.cwd = meta.cwd
    state.cliVersion = meta.cliVersion
    state.entrypoint = meta.entrypoint
    state.gitBranch = meta.gitBranch
  }

  const turnTo = (turnId: string | null): void => {
    if (turnId === state.turnId) return
    state.turnId = turnId
    state.turnEpoch = 0
    state.turnStartedMs = momentOfId(turnId)
    state.responseKey = null
  }

  const takeTurn = ({ turnId, model, cwd, startedSeconds }: Turn): void => {
    turnTo(turnId)
    if (startedSeconds !== null) state.turnStartedMs ??= startedSeconds * 1000
    state.model = model ?? state.model
    state.cwd = cwd ?? state.cwd
  }

  const takeUsage = (key: string, turnId: string | null, counters: Counters, tsMs: number): void => {
    state.hasRecords = true
    if (turnId !== null) turnTo(turnId)
    emit(key, counters, tsMs)
  }

  const takeRecord = (payload: JsonObject, tsMs: number): void => {
    const counters = countersOf(payload.usage)
    // Words where numbers belong: nothing that could be counted.
    if (counters === null || isZero(counters)) return
    const turnId = textOf(payload.turn_id)
    const thread = textOf(payload.thread_id) ?? placeNow().sessionId
    const total = countersOf(payload.thread_token_usage) ?? counters
    const key = textOf(payload.response_id) ?? `record:${thread}:${turnId ?? ''}:${counterText(total)}`
    takeUsage(key, turnId, counters, tsMs)
  }

  // Rollouts from before `token_usage_record`: what the cumulative counters grew by, keyed by what a copy keeps.
  const takeCounters = (now: Counters, last: Counters | null, tsMs: number): void => {
    let base =
      state.counters ?? (state.parentId !== null && last !== null && !restarted(last, now) ? minus(now, last) : ZERO)
    if (restarted(base, now)) {
      base = ZERO
      state.epoch += 1
      state.turnEpoch += 1
    }
    state.counters = now
    const delta = minus(now, base)
    if (state.hasRecords || isZero(delta)) return
    state.counted = true
    emit(`${scopeNow()}:${counterText(now)}`, delta, tsMs)
  }

  const scopeNow = (): string =>
    isUnique(state.turnId)
      ? `turn:${state.turnId}:${state.turnEpoch}`
      : `counter:${state.rootId ?? placeNow().sessionId}:${state.epoch}`

  const takeInfo = (total: Counters | null, last: Counters | null, windowTokens: unknown, tsMs: number): void => {
    if (total !== null) takeCounters(total, last, tsMs)
    if (last !== null) state.contextTokens = last.total
    if (typeof windowTokens === 'number') state.contextWindowTokens = windowTokens
  }

  // Two logins that no file tells apart by name are not one account.
  const elsewhere = file.elsewhere ? { accountKey: `unknown@${file.machineId}:${file.elsewhere}` } : {}
  const account = { machineId: file.machineId, ...elsewhere }
  const takeLimits = (limits: unknown, at: Date | string, tsMs: number): void => {
    for (const observation of thinOut(state, codexRateLimits({ rate_limits: limits }, at, account)))
      sink.account({ observation, responseKey: state.responseKey, responseMs: state.responseMs ?? tsMs })
  }

  const takeTokenCount = (payload: JsonObject, timestamp: unknown, tsMs: number): void => {
    const info = objectOf(payload.info)
    if (info !== null)
      takeInfo(countersOf(info.total_token_usage), countersOf(info.last_token_usage), info.model_context_window, tsMs)
    if (objectOf(payload.rate_limits) !== null && isObservable(state, tsMs))
      takeLimits(payload.rate_limits, textOf(timestamp) ?? '', tsMs)
  }

  const takeQuickCount = ({ tsMs, total, last, windowTokens, hasLimits }: QuickCount): void => {
    sawAt(tsMs)
    takeInfo(total, last, windowTokens, tsMs)
    if (!hasLimits || !isObservable(state, tsMs) || repeats.has(tsMs, areLimitsRepeated(repeats))) return
    takeLimits(parseJson(limitsRead()), new Date(tsMs), tsMs)
  }

  const takeEnd = (payload: JsonObject, tsMs: number): void => {
    const error = objectOf(payload.error)
    if (error === null) return
    state.lastError = displayText(readError(error), 64)
    state.lastErrorMs = tsMs
  }

  /** Reads the usual lines without parsing them. False: not the usual layout. */
  const takeQuick = (block: Buffer, start: number, end: number, kind: LineKind): boolean => {
    if (kind === 'token_count') {
      const quick = readCount(block, start, end)
      if (quick !== null) takeQuickCount(quick)
      return quick !== null
    }
    if (kind === 'token_usage_record') {
      const quick = readUsage(block, start, end)
      if (quick !== null) takeUsage(quick.responseId, quick.turnId, quick.usage, sawAt(quick.tsMs))
      return quick !== null
    }
    return takeQuickEvent(block, start, end, kind)
  }

  const takeQuickEvent = (block: Buffer, start: number, end: number, kind: LineKind): boolean => {
    if (kind === 'turn_context' || kind === 'task_started') {
      const turn = readTurn(block, start, end)
      if (turn === null) return false
      sawAt(turn.tsMs)
      takeTurn(turn)
      return true
    }
    if (kind === 'task_complete') {
      const tsMs = readGoodEnd(block, start, end)
      if (tsMs !== null) sawAt(tsMs)
      return tsMs !== null
    }
    const meta = kind === 'session_meta' ? readMetaLine(block, start, end) : null
    if (meta === null) return false
    sawAt(meta.tsMs)
    takeMeta(meta.payload)
    return true
  }

  const takeParsed = (line: Buffer, kind: LineKind): void => {
    const record = line.length <= MAX_PARSE_BYTES ? objectOf(parseLine(line.toString('utf8'))) : null
    if (record === null) {
      if (kind !== 'maybe') sink.trouble('malformed_line')
      return
    }
    const payload = objectOf(record.payload)
    if (payload === null) return
    const tsMs = timeFor(record.timestamp)
    if (record.type === 'session_meta') takeMeta(payload)
    else if (record.type === 'turn_context') takeTurn(turnOf(payload))
    else if (record.type === 'token_usage_record') takeRecord(payload, tsMs)
    else if (record.type !== 'event_msg') return
    else if (payload.type === 'task_started') takeTurn(turnOf(payload))
    else if (payload.type === 'token_count') takeTokenCount(payload, record.timestamp, tsMs)
    else if (payload.type === 'task_complete') takeEnd(payload, tsMs)
  }

  /** What the kernel took of the lines since: all of the turn, the folder and the model that were settled. */
  const takeRun = (run: ThreadRun | null): void => {
    if (run === null) return
    sawAt(run.firstMs)
    sawAt(run.lastMs)
    if (run.counters !== null) state.counters = run.counters
    if (run.contextTokens !== null) state.contextTokens = run.contextTokens
    if (run.windowTokens !== null) state.contextWindowTokens = run.windowTokens
    if (run.responseKey === null) return
    if (!state.hasRecords) state.counted = true
    state.responseKey = ledgerKey({ key: run.responseKey })
    state.responseMs = run.responseMs
  }

  const settle = (): void => {
    const limitsMs = areLimitsOf(repeats) ? repeats.seenMs() : 0
    settleThread(state, sink.rows.at(placeNow(), state.provider ?? 'openai'), scopeNow(), limitsMs)
  }

  const takePiece = (piece: Buffer): void => {
    let from = textStart(piece)
    unsettleThread()
    for (let kind = nextLine(piece, from); kind !== null; kind = nextLine(piece, from)) {
      takeRun(threadRun())
      const { start, end } = lineAt(piece)
      if (!takeQuick(piece, start, end, kind)) takeParsed(piece.subarray(start, end), kind)
      settle()
      from = end + 1
    }
    takeRun(threadRun())
    sink.rows.take()
  }

  const takeLong = (line: Buffer): void => {
    const kind = longLineKind(line)
    if (kind !== 'skip') takeParsed(line, kind)
  }

  return {
    feed: (block) => inReach(block, takePiece, takeLong),
    state: () => state,
    session: () => sessionOf(state, placeNow()),
  }
}

const sessionOf = (state: CodexState, place: Place): SessionFact | null =>
  state.threadId === null && !state.hasRecords && !state.counted
    ? null
    : {
        sessionId: place.sessionId,
        parentSessionId: state.parentId,
        isSubagent: state.isSubagent,
        provider: state.provider ?? 'openai',
        cwd: state.cwd,
        gitBranch: state.gitBranch,
        cliVersion: state.cliVersion,
        model: state.model,
        entrypoint: state.entrypoint,
        startedMs: state.startedMs,
        lastActivityMs: state.lastActivityMs,
        contextTokens: state.contextTokens,
        contextWindowTokens: state.contextWindowTokens,
        lastError: state.lastError,
        lastErrorMs: state.lastErrorMs,
      }
