// Lets one Claude session of a corpus grow, as its CLI would.
import { appendFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

const sessionsOf = (corpus: string): readonly string[] =>
  readdirSync(join(corpus, '.claude/projects'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.jsonl') && !entry.name.startsWith('agent-'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()

const line = (n: number): string =>
  `{"parentUuid":"p-${n}","isSidechain":false,"message":{"id":"msg_appended_${n}","type":"message","role":"assistant","model":"claude-sonnet-4-5-20250929","content":[{"type":"text","text":"${'word '.repeat(500)}"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":1,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":1}},"requestId":"req_appended_${n}","type":"assistant","uuid":"u-${n}","timestamp":"2026-01-01T00:00:00.000Z","cwd":"/home/dev/work/project-0","sessionId":"appended","version":"2.1.197"}\n`

/** Appends about `bytes` of answers to one session, numbered from `from`. Returns how many bytes. */
export const appendTo = (corpus: string, bytes: number, from: number): number => {
  const path = sessionsOf(corpus)[0]
  if (path === undefined) throw new Error('the corpus has no session')
  const before = statSync(path).size
  let text = ''
  for (let n = from; text.length < bytes; n += 1) text += line(n)
  appendFileSync(path, text)
  return statSync(path).size - before
}
