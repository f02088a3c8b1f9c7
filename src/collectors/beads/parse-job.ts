import { type ParsedIssues, parseIssueLines, parseIssueList } from './parse.ts'

export interface ParseQuestion {
  readonly bytes: Uint8Array
  readonly form: 'lines' | 'list'
}

/** Job of the worker pool: a file of ten thousand issues is some 20 MB of JSON. */
export const run = (payload: unknown): ParsedIssues => {
  const { bytes, form } = payload as ParseQuestion
  return form === 'lines' ? parseIssueLines(bytes) : parseIssueList(bytes)
}
