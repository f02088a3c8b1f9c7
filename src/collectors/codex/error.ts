import { type JsonObject, objectOf, textOf } from '../transcripts/json-cut.ts'

/** Codex's own name of an error and its HTTP status; never its message, which may quote the prompt. */
export const readError = (error: JsonObject): string => {
  const info = error.codex_error_info
  const detail = objectOf(info)
  const name = textOf(info) ?? Object.keys(detail ?? {})[0] ?? 'error'
  const status = objectOf(detail?.[name])?.http_status_code
  return typeof status === 'number' ? `${name} ${status}` : name
}
