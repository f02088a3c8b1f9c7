import type { Command } from 'commander'
import { usageError } from '../core/errors.ts'
import { displayText } from '../core/text.ts'
import type { CliContext } from './context.ts'

/** What stands in a file, or on stdin for `-`. Throws a usage error that names it. */
export const readText = async (ctx: CliContext, path: string): Promise<string> => {
  if (path === '-') {
    const chunks: Buffer[] = []
    for await (const chunk of ctx.io.stdin) chunks.push(Buffer.from(chunk as Buffer))
    return Buffer.concat(chunks).toString('utf8')
  }
  const { readFile } = await import('node:fs/promises')
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw usageError(
      'unreadable',
      `${displayText(path, 200)} was not read (${error.code})`,
      'name a file, or - for stdin',
    )
  })
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `90s`, `15m`, `4h`, `2d` in milliseconds; undefined stays undefined. */
export const spanOption = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined
  const [, digits, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  if (digits !== undefined) return Number(digits) * (UNIT_MS[unit] ?? 0)
  throw usageError('bad_span', `“${displayText(text, 40)}” is no span of time`, 'write it like 90s, 15m, 4h or 2d')
}

/** A whole number; undefined stays undefined. */
export const countOption = (text: string | undefined, name: string): number | undefined => {
  if (text === undefined) return undefined
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw usageError('bad_number', `--${name} ${displayText(text, 40)} is no whole number`, `--${name} 3`)
}

/** Gathers an option that may be given several times. */
export const several = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]

/** A mission as people name it: `m-12`, or `12` alone. What is neither stays as it is, and the queue says what is wrong. */
export const missionId = (text: string): string => (/^\d{1,15}$/.test(text) ? `m-${Number(text)}` : text)

const severalMissions = (value: string, before?: readonly string[]): readonly string[] =>
  several(missionId(value), before)

export interface WorkOptions {
  readonly type?: string
  readonly lane?: string
  readonly priority?: string
  readonly to?: string
  readonly role?: string
  readonly machine?: string
  readonly convoy?: string
  readonly after?: readonly string[]
  readonly before?: readonly string[]
  readonly timeout?: string
  readonly lease?: string
  readonly retries?: string
  readonly key?: string
}

export const addWorkOptions = (command: Command): Command =>
  command
    .option('--lane <lane>', 'critical, standard or experimental', 'standard')
    .option('--priority <priority>', 'critical, high, normal or low', 'normal')
    .option('--to <agent>', 'only this agent may claim it')
    .option('--role <role>', 'only this role may claim it')
    .option('-m, --machine <id>', 'only on this machine')
    .option('--convoy <id>', 'the batch it belongs to')
    .option('--after <mission>', 'must be done first (m-12, or 12); may be given several times', severalMissions)
    .option('--before <mission>', 'a pending mission that shall wait on this one; several times', severalMissions)
    .option('--timeout <span>', 'longest an attempt may take, such as 4h')
    .option('--lease <span>', 'how long a claim holds without a heartbeat', '15m')
    .option('--retries <n>', 'tried again this often', '2')
    .option('--key <text>', 'the same key again makes no second mission')

const nullable = (value: string | undefined): string | null => value ?? null

/** Options as the queue's own words. */
export const workOf = (options: WorkOptions): Readonly<Record<string, unknown>> => {
  const defined = {
    type: options.type,
    lane: options.lane,
    priority: options.priority,
    lease_ms: spanOption(options.lease),
    max_retries: countOption(options.retries, 'retries'),
  }
  return {
    ...Object.fromEntries(Object.entries(defined).filter(([, value]) => value !== undefined)),
    to_agent: nullable(options.to),
    to_role: nullable(options.role),
    machine: nullable(options.machine),
    convoy: nullable(options.convoy),
    depends_on: options.after ?? [],
    before: options.before ?? [],
    timeout_ms: spanOption(options.timeout) ?? null,
    key: nullable(options.key),
  }
}
