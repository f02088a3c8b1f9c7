import * as z from 'zod'

export const finding = z.object({
  level: z.enum(['bad', 'warn', 'ok']),
  machine: z.string().nullable(),
  topic: z.string().describe('reach | identity | source | history | path | clock | login | cost'),
  says: z.string(),
  fix: z.string().nullable(),
})

export type Finding = z.input<typeof finding>
