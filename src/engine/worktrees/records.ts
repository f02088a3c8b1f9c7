import type { ActAnswer, ActRecord } from '../hosts/machine-act.ts'

/** What a worktree script said: numbers, texts, and why it stopped if it did. */
export interface Said {
  readonly facts: ReadonlyMap<string, number>
  readonly texts: ReadonlyMap<string, string>
  readonly no: string | null
}

const FACT = /^fact ([a-z_]{1,32}) (-?\d{1,9})$/
const TEXT = /^text ([a-z_]{1,32})$/
const NO = /^no ([a-z_]{1,32})$/

/** Records as facts, texts and a refusal; whatever else stands there is no word of vc's script. */
export const saidOf = (records: readonly ActRecord[]): Said => {
  const facts = new Map<string, number>()
  const texts = new Map<string, string>()
  let no: string | null = null
  for (const { tag, lines } of records) {
    const [, fact, value] = FACT.exec(tag) ?? []
    if (fact !== undefined) facts.set(fact, Number(value))
    const [, text] = TEXT.exec(tag) ?? []
    if (text !== undefined) texts.set(text, lines[0] ?? '')
    const [, why] = NO.exec(tag) ?? []
    if (why !== undefined) no = why
  }
  return { facts, texts, no }
}

/** The end of a run on a machine: what it said, or that nothing can be known of it. */
export type MachineSaid =
  | { readonly is: 'said'; readonly said: Said }
  | { readonly is: 'not_reached'; readonly detail: string }
  | { readonly is: 'broken_off'; readonly said: Said; readonly detail: string }

export const machineSaid = (answer: ActAnswer): MachineSaid => {
  if (answer.is === 'not_reached') return answer
  const said = saidOf(answer.records)
  return answer.is === 'answered' ? { is: 'said', said } : { is: 'broken_off', said, detail: answer.detail }
}
