import { type ContentHits, cassSearchAsk, parseCassSearch } from '../collectors/cass/search.ts'
import type { Asker } from '../core/ask.ts'
import { messageOf, usageError } from '../core/errors.ts'

/** A text to be looked for in what agents wrote and read, on machines that have cass. */
export interface ContentQuestion {
  readonly text: string
  readonly machines: readonly string[]
  /** Hits per machine. */
  readonly limit: number
}

export interface MachineContent extends ContentHits {
  readonly machine: string
  readonly source: 'cass'
}

const MAX_TEXT = 200
const MAX_LIMIT = 100
const MAX_MACHINES = 200

/** The question as it came over a socket or a command line. Throws a usage error for one that cass would misread. */
export const checkedQuestion = (given: Readonly<Record<string, unknown>>): ContentQuestion => {
  const { text, machines, limit } = given
  const wrong = (why: string) => usageError('bad_content_search', why, 'vc search "limits" --content')
  if (typeof text !== 'string' || text.trim() === '' || text.length > MAX_TEXT || text.includes('\0'))
    throw wrong(`the text must have 1 to ${MAX_TEXT} characters`)
  // it would be an option of cass, whose search knows no end of options
  if (text.trim().startsWith('-')) throw wrong('a text for cass may not begin with a dash')
  if (!Array.isArray(machines) || machines.length > MAX_MACHINES || !machines.every((id) => typeof id === 'string'))
    throw wrong('no machines were named')
  if (typeof limit !== 'number' || !Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT)
    throw wrong(`the limit of hits per machine is a whole number from 1 to ${MAX_LIMIT}`)
  return { text: text.trim(), machines, limit }
}

/** Asks each machine at once; one that cannot answer says why, the others answer. */
export const searchContent = (
  question: ContentQuestion,
  onMachine: <Result>(machineId: string, ask: (asker: Asker) => Promise<Result>) => Promise<Result>,
): Promise<readonly MachineContent[]> =>
  Promise.all(
    question.machines.map(async (machine) => {
      const label = { machine, source: 'cass' as const }
      try {
        const ask = cassSearchAsk('', question.text, question.limit)
        return { ...label, ...(await onMachine(machine, async (asker) => parseCassSearch(await asker.run(ask)))) }
      } catch (error) {
        return { ...label, hits: [], total: null, trouble: messageOf(error) }
      }
    }),
  )
