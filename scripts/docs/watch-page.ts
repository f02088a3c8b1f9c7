import * as z from 'zod'
import { EVENT_ABOUT, EVENT_DATA, EVENT_TYPES, type EventDataType, eventLine } from '../../src/queries/event-shapes.ts'

interface Property {
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Property[]
  readonly description?: string
}

const typeWords = (property: Property): string => {
  if (property.anyOf) return property.anyOf.map(typeWords).join(' or ')
  if (property.enum) return property.enum.map((value) => `\`${String(value)}\``).join(', ')
  return property.type ?? 'anything'
}

const table = (schema: z.ZodType): string[] => {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { target: 'draft-2020-12' }) as {
    properties?: Record<string, Property>
    required?: readonly string[]
  }
  return [
    '| field | type | meaning |',
    '|---|---|---|',
    ...Object.entries(properties).map(
      ([name, property]) =>
        `| \`${name}\`${required.includes(name) ? '' : ' (not always)'} | ${typeWords(property)} | ${property.description ?? ''} |`,
    ),
  ]
}

const HEAD = `# vc watch

One JSON object per line: what changed, oldest first. It goes on where it was when the daemon restarts.

\`\`\`sh
vc watch --format jsonl                                   # a fleet line per look, and every change between
vc watch --changes-only                                   # changes alone
vc watch --changes-only --events alert,prediction         # only these types; a misspelt one is refused with the nearest
vc watch --changes-only --since 2026-11-20T08:00:00Z      # first everything after that moment, then what comes
\`\`\`

**Going on later.** Give the \`cursor\` of the last \`fleet\` line you have to \`--since\`: nothing at or before it comes again. Lines are told as
they are stored, not in the order of \`ts\`, so with \`--changes-only\` go back a minute before the last \`ts\` you have: what was stored
late (a machine that was slow to answer) comes then, and some lines twice. The same lines are \`vc robot events --since …\`.

Besides events there are two kinds of line that carry no change of the fleet: \`fleet\` (\`health\`, \`warnings\`, and \`cursor\`: the
moment to go on from; not with \`--changes-only\`) and \`carrier\` (\`change\`: \`lost\` or \`back\`, when the daemon goes away, none runs, or it returns).

## Every event
`

/** docs/watch.md, from the shapes that the events are held to. */
export const watchPage = (): string =>
  `${[
    HEAD,
    ...table(eventLine),
    '',
    '## Types',
    '',
    '| type | told when |',
    '|---|---|',
    ...EVENT_TYPES.map((type) => `| \`${type}\` | ${EVENT_ABOUT[type]} |`),
    ...(Object.keys(EVENT_DATA) as EventDataType[]).flatMap((type) => [
      '',
      `## data of \`${type}\``,
      '',
      ...table(EVENT_DATA[type]),
    ]),
  ].join('\n')}\n`
