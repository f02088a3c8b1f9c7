import type { Intent } from './ask-intents.ts'

const GROUPS: Readonly<Record<string, string>> = {
  hour: 'hour', day: 'day', model: 'model', machine: 'machine', account: 'account', project: 'project', repo: 'project',
  agent: 'agent', session: 'session', cli: 'cli', provider: 'provider',
} // biome-ignore format: one word each
const BEFORE_GROUPS = new Set(['per', 'by', 'each', 'every', 'which'])

/** What a sum is asked to be told by, and the words that say so. */
export const groupIn = (
  words: readonly string[],
  intent: Intent,
): { readonly by: string | null; readonly words: readonly string[] } => {
  const at = words.findIndex((word, i) => BEFORE_GROUPS.has(words[i - 1] ?? '') && GROUPS[word.replace(/s$/, '')])
  const [before = '', word = ''] = [words[at - 1], words[at]]
  if (at < 0 || intent.groups !== true) return { by: null, words: [] }
  return { by: GROUPS[word.replace(/s$/, '')] ?? null, words: [before, word] }
}
