import * as z from 'zod'
import type { Query } from '../../queries/define.ts'
import type { CompletionNode } from './tree.ts'
import { isList, type KnownWords, valuesOf } from './values.ts'

interface ParamShape {
  readonly description?: string
  readonly enum?: readonly string[]
  readonly type?: string | readonly string[]
}

/** Topics about one thing, by what that is. */
const ABOUT_ONE = { machine: 'machines', explain: 'agents', dna: 'agents' } as const

const REQUIRE_FRESH = {
  flags: ['--require-fresh'],
  about: 'exit 3 when something asked for is stale or unreachable',
  takesValue: false,
  values: null,
}

/** A topic of `vc robot` as the command it is typed as: its parameters are its options. */
export const topicNode = ({ name, summary, params }: Query, known: KnownWords): CompletionNode => {
  const { properties = {} } = z.toJSONSchema(params, { io: 'input' }) as {
    readonly properties?: Readonly<Record<string, ParamShape>>
  }
  const options = Object.entries(properties).flatMap(([param, { description = '', enum: choices, type }]) => {
    if (param === 'id') return []
    const long = `--${param}`
    return [
      {
        flags: param === 'machine' ? ['-m', long] : [long],
        about: description,
        takesValue: !Array.isArray(type),
        values: choices ?? valuesOf(['robot', name], long, listOf(description), known),
        list: isList(description),
      },
    ]
  })
  return {
    ...{ name, about: summary, children: [], options: [...options, REQUIRE_FRESH] },
    values: ABOUT_ONE[name as keyof typeof ABOUT_ONE] ?? null,
  }
}

const listOf = (description: string): string => description.replace(/^comma-separated: /, 'only these: ')
