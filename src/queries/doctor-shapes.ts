import * as z from 'zod'

export const finding = z.object({
  level: z.enum(['bad', 'warn', 'ok']),
  machine: z.string().nullable(),
  topic: z.string().describe('reach | config | identity | source | history | path | clock | login | cost'),
  says: z.string(),
  fix: z.string().nullable(),
})

export type Finding = z.input<typeof finding>

/** What to do about a fault, `<id>` being the machine. */
export const FAULT_FIX: Record<string, string> = {
  auth: 'vc machines probe <id> prints the ssh line that shows which keys are offered',
  host_key_unknown: 'vc machines trust <id>, after comparing the fingerprint',
  host_key_changed:
    'find out why before anything else; vc never replaces a changed key by itself. Once it is right again: vc machines trust <id>',
  unreachable: 'vc machines probe <id>',
  tool_missing: 'install it there, or put it on the PATH of a non-login shell',
  timeout: 'raise timeout_seconds of this collector, or see what is slow there',
  persist_failed: 'vc db check',
}
