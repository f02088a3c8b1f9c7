import { redact } from '../../core/redact.ts'
import { displayText } from '../../core/text.ts'
import { asArray, asText, isObject, type Json, parseObject } from '../agent-evidence/json.ts'
import { cutRecord, cutText, printableJson } from './cut-text.ts'
import { printableScreens } from './screens.ts'

const FIELD = /([\w./]+)=("(?:[^"\\]|\\.)*"|\S*)/g
const LOGGED = new Set([
  'timestamp', 'level', 'run', 'message', 'id', 'permission', 'small', 'session.id', 'step', 'mode', 'agent', 'directory',
  'error.error',
]) // biome-ignore format: a list of words

/** A log line rebuilt from the fields that tell a state; commands and patterns are cut. */
const logLine = (line: string): string =>
  Array.from(line.slice(0, 2_000).matchAll(FIELD), ([, key = '', raw = '']) => {
    const value = raw.startsWith('"') ? raw.slice(1, raw.endsWith('"') ? -1 : undefined) : raw
    const shown = key === 'error.error' ? displayText(redact(value), 300) : displayText(value, 300)
    const kept = LOGGED.has(key) ? shown : cutText(value)
    return raw.startsWith('"') || kept.includes(' ') ? `${key}="${kept}"` : `${key}=${kept}`
  }).join(' ')

const codexTurn = (row: unknown): unknown => {
  const printed = printableJson(row)
  if (!isObject(printed) || !isObject(row)) return printed
  const error = parseObject(row.error_json)
  return { ...printed, error_json: error === null ? null : JSON.stringify(cutRecord(error)) }
}

const codexThread = (row: unknown): unknown => {
  const printed = printableJson(row)
  if (!isObject(printed)) return printed
  return Object.fromEntries(
    Object.entries(printed).map(([name, value]) => [
      name,
      /title|message|preview/.test(name) && typeof value === 'string' ? cutText(value) : value,
    ]),
  )
}

const LISTS: Readonly<Record<string, (item: unknown) => unknown>> = {
  thread_turns: codexTurn,
  threads: codexThread,
  log_tail: (line) => (typeof line === 'string' ? logLine(line) : null),
  log_tail_of_this_run: (line) => (typeof line === 'string' ? logLine(line) : null),
  log_run_head: (line) => (typeof line === 'string' ? logLine(line) : null),
}

const liveMember = (value: unknown): unknown => {
  if (!isObject(value)) return printableJson(value)
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      const each = LISTS[name]
      return [name, each !== undefined && Array.isArray(member) ? member.map(each) : printableJson(member)]
    }),
  )
}

const tailRecord = (record: unknown): unknown => {
  const data = isObject(record) && typeof record.data === 'string' ? parseObject(record.data) : null
  return cutRecord(data === null || !isObject(record) ? record : { ...record, data })
}

const paneOf = (pane: unknown): unknown => {
  const printed = printableJson(pane)
  if (!isObject(printed)) return null
  const started = isObject(pane) ? asText(pane.pane_start_command) : null
  return started === null ? printed : { ...printed, pane_start_command: cutText(started) }
}

/**
 * A bundle as it may leave vc: secrets redacted in screens, words of people and models cut in the transcript's tail, nothing a
 * terminal would obey. Members this version does not know are left out. Printing a printed bundle changes nothing.
 */
export const printableBundle = (bundle: Json): Json => {
  const screens = printableScreens({ screen: asText(bundle.screen), screen_ansi: asText(bundle.screen_ansi) })
  const live = isObject(bundle.live_state) ? bundle.live_state : {}
  return {
    id: printableJson(bundle.id ?? null),
    cli: printableJson(bundle.cli ?? null),
    cli_version: printableJson(bundle.cli_version ?? null),
    session_id: printableJson(bundle.session_id ?? null),
    ...(bundle.had_terminal === true ? { had_terminal: true } : {}),
    captured_at: bundle.captured_at ?? null,
    ...screens,
    pane: paneOf(bundle.pane),
    processes: Array.isArray(bundle.processes) ? printableJson(bundle.processes) : null,
    host: printableJson(bundle.host ?? null),
    live_state: Object.fromEntries(
      Object.entries(live).map(([name, member]) => [
        name,
        Array.isArray(member) ? member.map((item) => printableJson(item)) : liveMember(member),
      ]),
    ),
    transcript_path: printableJson(bundle.transcript_path ?? null),
    transcript_tail: Array.isArray(bundle.transcript_tail) ? asArray(bundle.transcript_tail).map(tailRecord) : null,
    transcript_mtime: bundle.transcript_mtime ?? null,
  }
}
