import * as z from 'zod'
import { VcError } from '../core/errors.ts'
import { defineQuery, warning } from './define.ts'
import { count } from './shapes.ts'

const keyLine = z.object({
  path: z.string().describe('as vc config set takes it'),
  about: z.string(),
  type: z.string().describe('what it must be, in words'),
  default: z.string(),
  now: z.string().nullable().describe('in force; null: no single value'),
  next: z.string().nullable().describe('what the file says by now and is not in force yet; null: the same'),
  line: count.nullable().describe('of the file; null: left to its default'),
})

const problemLine = z.object({
  severity: z.enum(['error', 'warning']),
  line: count.nullable(),
  key: z.string(),
  message: z.string(),
  fix: z.string(),
})

/** vc's own configuration; what agents are set to is the topic settings. */
export const config = defineQuery({
  name: 'config',
  version: 1,
  summary:
    "vc's own configuration: every key with what is in force, what the file says by now, and what lint says of it",
  params: z.strictObject({
    section: z.string().optional().describe('only sections whose header holds this text'),
  }),
  data: z.object({
    file: z.string().nullable().describe('null: the built-in configuration'),
    machines: count,
    pending: count.describe('keys of the file that are not in force yet'),
    sections: z.array(z.object({ header: z.string(), about: z.string(), keys: z.array(keyLine) })),
    problems: z.array(problemLine),
  }),
  example: { section: 'polling' },
  async load(params, ctx) {
    if (ctx.ownConfig === undefined)
      throw new VcError('not_here', 'whoever answers here knows no configuration', 'vc config show')
    const found = ctx.ownConfig()
    const pending = found.sections.flatMap(({ keys }) => keys).filter(({ next }) => next !== null).length
    const wanted = params.section?.toLowerCase()
    return {
      data: {
        file: found.file,
        machines: found.machines,
        pending,
        sections: found.sections
          .filter(({ header }) => wanted === undefined || header.toLowerCase().includes(wanted))
          .map((section) => ({ ...section, keys: [...section.keys] })),
        problems: [...found.problems],
      },
      warnings:
        pending === 0
          ? []
          : [
              warning(
                'pending',
                `${pending} keys of the file are not in force yet`,
                'let the daemon take it up: vc config reload',
              ),
            ],
    }
  },
})
