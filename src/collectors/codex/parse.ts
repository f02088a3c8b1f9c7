import { displayText } from '../../core/text.ts'
import { codexRateLimits } from '../accounts/index.ts'
import { type JsonObject, objectOf, parseJson, textOf, timeOf } from '../transcripts/json-cut.ts'
import { ledgerKey } from '../transcripts/ledger.ts'
import type { ParserFile, Place, SessionFact, Sink, TranscriptParser } from '../transcripts/source.ts'
import { readError } from './error.ts'
import { isObservable, thinOut } from './limits.ts'
import { lineKind, quickRecord } from './record.ts'
import { type CodexState, freshState } from './state.ts'
import { isUnique, momentOfId, readMeta, threadOfPath } from './thread.ts'
import { type Counters, countersOf, counterText, isZero, minus, normalized, restarted, ZERO } from './tokens.ts'

const MAX_PARSE_BYTES = 32 * 1024 * 1024
const SHORT_BYTES = 16 * 1024
const MINUTE_MS = 60_000
const TIME_KEY = '{"timestamp":"'
const TIME_AT = TIME_KEY.length
const TIME_LENGTH = 24

/** Reads one Codex rollout: usage per response, rate limits of genuine responses, errors and the thread's identity. */
export const codexParser = (file: ParserFile, before: unknown, sink: Sink): TranscriptParser => {
  const state: CodexState = before === null ? freshState() : structuredClone(before as CodexState)
  let place: Place | null = null

  const placeNow = (): Place => {
    const sessionId = state.threadId ?? threadOfPath(file.path) ?? file.path.slice(file.path.lastIndexOf('/') + 1)
    if (place === null || place.sessionId !== sessionId || place.cwd !== state.cwd) {
      const parentSessionId = state.parentId
      place = { sessionId, parentSessionId, isSidechain: state.isSubagent, cwd: state.cwd, account: file.account }
    }
    return place
  }

  const timeFor = (record: JsonObject): number => {
    const at = timeOf(record.timestamp)
    if (at === null) sink.trouble('time_missing')
    const ms = at ?? state.lastActivityMs ?? file.mtimeMs
    state.lastActivityMs = Math.max(state.lastActivityMs ?? ms, ms)
    state.startedMs = Math.min(state.startedMs ?? ms, ms)
    return ms
  }

  const emit = (key: string, counters: Counters, tsMs: number): void => {
    const provider = state.provider ?? 'openai'
    const tokens = normalized(counters)
    sink.usage({ provider, key, tsMs, requestId: null, model: state.model, ...tokens, place: placeNow() })
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

  const takeTurn = (payload: JsonObject): void => {
    const turnId = textOf(payload.turn_id)
    if (turnId !== state.turnId) {
      state.turnId = turnId
      state.turnEpoch = 0
      state.turnStartedMs = momentOfId(turnId)
      state.responseKey = null
    }
    if (typeof payload.started_at === 'number') state.turnStartedMs ??= payload.started_at * 1000
    state.model = textOf(payload.model) ?? state.model
    state.cwd = textOf(payload.cwd) ?? state.cwd
  }

  const takeRecord = (payload: JsonObject, tsMs: number): void => {
    const counters = countersOf(payload.usage)
    if (counters === null) return
    state.hasRecords = true
    const turnId = textOf(payload.turn_id)
    if (turnId !== null && turnId !== state.turnId) takeTurn({ turn_id: turnId })
    const thread = textOf(payload.thread_id) ?? placeNow().sessionId
    const total = countersOf(payload.thread_token_usage) ?? counters
    emit(textOf(payload.response_id) ?? `record:${thread}:${turnId ?? ''}:${counterText(total)}`, counters, tsMs)
  }

  // Rollouts from before `token_usage_record`: what the cumulative counters grew by, keyed by what a copy keeps.
  const takeCounters = (info: JsonObject, tsMs: number): void => {
    const now = countersOf(info.total_token_usage)
    if (now === null) return
    const last = countersOf(info.last_token_usage)
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
    const scope = isUnique(state.turnId)
      ? `turn:${state.turnId}:${state.turnEpoch}`
      : `counter:${state.rootId ?? placeNow().sessionId}:${state.epoch}`
    emit(`${scope}:${counterText(now)}`, delta, tsMs)
  }

  const takeTokenCount = (payload: JsonObject, record: JsonObject, tsMs: number): void => {
    const info = objectOf(payload.info)
    if (info !== null) {
      takeCounters(info, tsMs)
      const last = countersOf(info.last_token_usage)
      if (last !== null) state.contextTokens = last.total
      if (typeof info.model_context_window === 'number') state.contextWindowTokens = info.model_context_window
    }
    if (objectOf(payload.rate_limits) === null || !isObservable(state, tsMs)) return
    const seen = codexRateLimits(payload, textOf(record.timestamp) ?? '', { machineId: file.machineId })
    for (const observation of thinOut(state, seen))
      sink.account({ observation, responseKey: state.responseKey, responseMs: state.responseMs ?? tsMs })
  }

  const takeEnd = (payload: JsonObject, tsMs: number): void => {
    const error = objectOf(payload.error)
    if (error === null) return
    state.lastError = displayText(readError(error), 64)
    state.lastErrorMs = tsMs
  }

  /** The newest token_count that was put off, with the response it followed. */
  let pending: { line: string; responseKey: string | null; responseMs: number | null } | null = null
  let parsedCountMs = 0

  const takePending = (): void => {
    const put = pending
    pending = null
    const record = put === null ? null : objectOf(parseJson(put.line))
    const payload = objectOf(record?.payload)
    if (put === null || record === null || payload === null) return
    const { responseKey, responseMs } = state
    state.responseKey = put.responseKey
    state.responseMs = put.responseMs
    takeTokenCount(payload, record, timeFor(record))
    state.responseKey = responseKey
    state.responseMs = responseMs
  }

  /**
   * Beside records a `token_count` only tells percentages and context, several times a minute: the newest of a minute is
   * enough, and not parsing the others halves the time of a backfill.
   */
  const putOff = (line: Buffer): boolean => {
    if (!state.hasRecords) return false
    const text = line.toString('utf8')
    const atMs = timeOf(text.slice(TIME_AT, TIME_AT + TIME_LENGTH))
    if (atMs === null || !text.startsWith(TIME_KEY)) return false
    if (pending !== null && Math.abs(atMs - parsedCountMs) >= MINUTE_MS) takePending()
    if (pending === null && Math.abs(atMs - parsedCountMs) >= MINUTE_MS) parsedCountMs = atMs
    pending = { line: text, responseKey: state.responseKey, responseMs: state.responseMs }
    return true
  }

  const takeLine = (line: Buffer, kind: string): void => {
    if (kind === 'token_count' && line.length < SHORT_BYTES && putOff(line)) return
    if (kind === 'token_usage_record' && line.length < SHORT_BYTES) {
      const quick = quickRecord(line)
      if (quick !== null) {
        takeRecord(quick.payload, timeFor(quick))
        return
      }
    }
    const record = line.length <= MAX_PARSE_BYTES ? objectOf(parseJson(line.toString('utf8'))) : null
    if (record === null) {
      if (kind !== 'maybe') sink.trouble('malformed_line')
      return
    }
    const payload = objectOf(record.payload)
    if (payload === null) return
    const tsMs = timeFor(record)
    if (record.type === 'session_meta') takeMeta(payload)
    else if (record.type === 'turn_context') takeTurn(payload)
    else if (record.type === 'token_usage_record') takeRecord(payload, tsMs)
    else if (record.type !== 'event_msg') return
    else if (payload.type === 'task_started') takeTurn(payload)
    else if (payload.type === 'token_count') takeTokenCount(payload, record, tsMs)
    else if (payload.type === 'task_complete') takeEnd(payload, tsMs)
  }

  return {
    feed(block) {
      let start = block[0] === 0xef && block[1] === 0xbb && block[2] === 0xbf ? 3 : 0
      for (let end = block.indexOf(10, start); end >= 0; end = block.indexOf(10, start)) {
        const kind = lineKind(block, start, end)
        if (kind !== 'skip') takeLine(block.subarray(start, end), kind)
        start = end + 1
      }
      takePending()
    },
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
