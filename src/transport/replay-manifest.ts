import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { messageOf, VcError } from '../core/errors.ts'

const RUN_CLASSES = [
  'connect_timeout',
  'refused',
  'dns',
  'auth',
  'host_key_unknown',
  'host_key_changed',
  'connection_lost',
  'transport',
  'timeout',
] as const

const RecordedAnswer = z.strictObject({
  /** Name of the ask: what stands behind `# vc:ask` in its first line. */
  ask: z.string(),
  /** Only for exactly these arguments; without it for any. */
  args: z.array(z.string()).optional(),
  /** Only where the arguments at these places (from 0) are these. */
  argAt: z.record(z.string().regex(/^\d+$/), z.string()).optional(),
  /** Only for a script with this SHA-256; without it for any script of that name. */
  scriptSha256: z.string().optional(),
  /** Files beside the manifest. */
  stdout: z.string().optional(),
  stderr: z.string().optional(),
  exitCode: z.int().min(0).max(255).default(0),
  /** Number of the signal that ended it. */
  signal: z.int().min(1).max(64).optional(),
  /** Played as ended by its own deadline. */
  hangs: z.boolean().default(false),
  durationMs: z.number().min(0).default(10),
  /** Instead of stdout: a piece per argument, for scripts that take a list. */
  each: z
    .strictObject({
      skipArgs: z.int().min(0).default(0),
      argsPerItem: z.int().positive().default(1),
      keyArg: z.int().min(0).default(0),
      head: z.string().default(''),
      tail: z.string().default(''),
      items: z.record(z.string(), z.string()),
      otherwise: z.string().default(''),
    })
    .optional(),
  /** stdout holds `@{…}` marks that follow the clock, or stand for arguments. */
  template: z.boolean().default(false),
  /** Played from this second after the machine was opened, instead of in turn. */
  atS: z.number().min(0).optional(),
})

const Manifest = z.strictObject({
  format: z.literal(1),
  about: z.string(),
  /** Where real recordings come from; nothing is played from it. */
  recorded: z
    .strictObject({
      date: z.iso.date(),
      collector: z.string(),
      collectorVersion: z.string(),
      toolVersion: z.string().nullable(),
      transport: z.string(),
    })
    .optional(),
  answers: z.array(RecordedAnswer).default([]),
  /** Facts of files under files/: templates and ages. */
  files: z
    .record(z.string(), z.strictObject({ template: z.boolean().default(false), mtimeAgoS: z.number().default(60) }))
    .default({}),
  /** Times of `atS` begin anew after this many seconds. */
  loopS: z.number().positive().optional(),
  /** The machine cannot be reached: how. */
  trouble: z.strictObject({ class: z.enum(RUN_CLASSES), detail: z.string().nullable().default(null) }).optional(),
})

export type RecordedAnswer = z.infer<typeof RecordedAnswer>
export type ReplayManifest = z.infer<typeof Manifest>
export type ReplayManifestInput = z.input<typeof Manifest>

export const MANIFEST = 'manifest.json'

const broken = (path: string, why: string): VcError =>
  new VcError('bad_recording', `${path}: ${why}`, 'see the README of the fixtures for the format, or record it again')

/** @throws VcError bad_recording that names the file and the key, also for output files that are not there. */
export function readManifest(dir: string): ReplayManifest {
  const path = join(dir, MANIFEST)
  let manifest: ReplayManifest
  try {
    manifest = Manifest.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch (error) {
    throw broken(path, error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error))
  }
  for (const name of manifest.answers.flatMap(({ stdout, stderr }) => [stdout, stderr])) {
    if (name === undefined) continue
    if (name.includes('..') || name.startsWith('/')) throw broken(path, `${name} is outside the recording`)
    if (!existsSync(join(dir, name))) throw broken(path, `${name} is not there`)
  }
  return manifest
}
