import { nameList } from '../core/nearest.ts'
import { shellWord } from '../core/shell-word.ts'
import { machineIdsEverKnown } from '../store/index.ts'
import type { Query, QueryContext } from './define.ts'
import { readSomeAgents } from './rows-evidence.ts'

interface Offered {
  readonly names: readonly string[]
  readonly total: number
}

/** Which there are of the things that a topic is asked about one at a time. */
const OFFERED: Readonly<Record<string, { readonly what: string; some(ctx: QueryContext): Promise<Offered> }>> = {
  machine: {
    what: 'machines',
    async some({ plan, db }) {
      const looked = plan.machines.map(({ machineId }) => machineId)
      const names = looked.length > 0 ? looked : await machineIdsEverKnown(db)
      return { names, total: names.length }
    },
  },
  explain: { what: 'agents', some: readSomeAgents },
}

/** What to type where a parameter is missing: an example, with a name of this fleet where it has one, and all such names. */
export const neededFix = async (query: Query, param: string, ctx: QueryContext): Promise<string> => {
  const { what, some } = OFFERED[query.name] ?? {}
  const { names, total } = (await some?.(ctx)) ?? { names: [], total: 0 }
  const value = shellWord(names[0] ?? String(query.example[param] ?? '…'))
  const example = `for example: vc robot ${query.name} ${param === 'id' ? '' : `--${param} `}${value}`
  return names.length === 0 ? example : `${example}; ${what}: ${nameList(names, total)}`
}
