import * as z from 'zod'
import { configSchema } from './schema.ts'

/** The part of JSON Schema that our keys use. */
export interface KeySchema {
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly default?: unknown
  readonly enum?: readonly unknown[]
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly properties?: Readonly<Record<string, KeySchema>>
  readonly additionalProperties?: KeySchema | boolean
  readonly items?: KeySchema
  readonly anyOf?: readonly KeySchema[]
  readonly required?: readonly string[]
}

let cached: KeySchema | null = null

/** The whole schema as data, for texts about it. */
export const keySchema = (): KeySchema => {
  cached ??= z.toJSONSchema(configSchema, { io: 'input' }) as KeySchema
  return cached
}

/** A nullable key as the type it has when it is set. */
export function whenSet(schema: KeySchema): KeySchema & { readonly type?: string } {
  const one = schema.anyOf?.find((candidate) => candidate.type !== 'null') ?? schema
  const { type, ...rest } = one
  const single = typeof type === 'string' ? type : type?.find((name) => name !== 'null')
  return single === undefined ? rest : { ...rest, type: single }
}

/** The schema below one step of a path, or null when nothing may stand there. */
function stepInto(schema: KeySchema, step: string | number): KeySchema | null {
  const here = whenSet(schema)
  if (here.type === 'array') return here.items ?? null
  const named = Object.hasOwn(here.properties ?? {}, String(step)) ? here.properties?.[String(step)] : undefined
  if (named !== undefined) return named
  return typeof here.additionalProperties === 'object' ? here.additionalProperties : null
}

export const schemaAt = (path: readonly (string | number)[]): KeySchema | null =>
  path.reduce<KeySchema | null>((schema, step) => (schema === null ? null : stepInto(schema, step)), keySchema())

const range = (schema: KeySchema): string => {
  const { minimum, maximum } = schema
  if (minimum !== undefined && maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER) {
    return ` from ${minimum} to ${maximum}`
  }
  return minimum === undefined ? '' : `, at least ${minimum}`
}

/** What a value must be, as words that fit after "must be". */
export function typeWords(schema: KeySchema): string {
  const here = whenSet(schema)
  if (here.enum !== undefined) return `one of ${here.enum.map((value) => JSON.stringify(value)).join(', ')}`
  if (here.type === 'integer') return `a whole number${range(here)}`
  if (here.type === 'number') return `a number${range(here)}`
  if (here.type === 'boolean') return 'true or false'
  if (here.pattern !== undefined) return 'an absolute path'
  if (here.type === 'string')
    return here.maxLength === undefined ? 'a text' : `a text of at most ${here.maxLength} characters`
  if (here.items?.pattern !== undefined) return 'a list of absolute paths'
  if (here.type === 'array') return here.items?.type === 'string' ? 'a list of texts' : 'a list of [[blocks]]'
  return 'a section'
}

/** A value such a key may have, as it is written in the file. */
export function exampleOf(schema: KeySchema): string {
  const here = whenSet(schema)
  if (here.type === 'array') return `[${exampleOf(here.items ?? {})}]`
  const value = schema.default ?? here.enum?.[0] ?? here.minimum ?? (here.type === 'boolean' ? false : undefined)
  return JSON.stringify(value ?? (here.pattern === undefined ? '…' : '/…'))
}
