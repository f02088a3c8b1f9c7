import { stat } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import { execa } from 'execa'
import pLimit from 'p-limit'
import { usageError, VcError } from '../../core/errors.ts'
import { foreignWriter } from '../../core/foreign-writer.ts'
import { type SshTarget, targetName } from '../../core/ssh-target.ts'
import { displayText } from '../../core/text.ts'
import { countProcess } from '../local-process.ts'
import { parseSshG, type ResolvedTarget, resolvedFrom } from './ssh-g.ts'

export interface ResolveOptions {
  /** `[ssh] config_file` of vc.toml; without it ssh's own files are read. */
  readonly configFile?: string | undefined
  readonly sshBinary?: string
}

const G_TIMEOUT_MS = 10_000

const sshArgs = (target: SshTarget, configFile: string | undefined): string[] => [
  ...(configFile === undefined ? [] : ['-F', configFile]),
  ...(target.user === null ? [] : ['-l', target.user]),
  ...(target.port === null ? [] : ['-p', String(target.port)]),
]

/** Options of `ssh` that name a target the same way for `-G` and for running. */
export const targetArgs = (target: SshTarget, configFile: string | null): readonly string[] =>
  sshArgs(target, configFile ?? undefined)

/**
 * A ProxyCommand runs as whoever runs vc. `ssh` refuses a file of others only where it finds it itself, never one it is given
 * by -F.
 */
const refuseForeign = async (configFile: string): Promise<void> => {
  const found = await stat(configFile).catch(() => null)
  const me = process.getuid?.()
  if (found === null || me === undefined) return
  const shown = displayText(configFile, 300)
  const foreign = foreignWriter(found, me, { rootToo: true })
  if (foreign === null) return
  const fix = foreign.by === 'mode' ? `chmod go-w ${shown}` : `make it yours: chown ${me} ${shown}`
  throw usageError('unsafe_ssh_config', `${shown} ${foreign.says}`, fix)
}

// What `ssh` finds by itself, an included file too and one below a Match that is not met, it judges as refuseForeign does.
const BAD_OWNER = /^Bad owner or permissions on (.+)$/m

const refusedBySsh = (name: string, stderr: string): VcError | null => {
  const file = BAD_OWNER.exec(stderr)?.[1]?.trim()
  if (file === undefined) return null
  const shown = displayText(file, 300)
  return usageError(
    'unsafe_ssh_config',
    `ssh -G ${name}: ${shown} belongs to somebody else or can be written by others, and is refused by ssh`,
    `look what is in it, then: chown ${process.getuid?.() ?? '$USER'} ${shown} && chmod go-w ${shown}`,
  )
}

/**
 * Asks `ssh -G`, which applies Include, Match, wildcards and order exactly.
 * Throws VcError: `tool_missing` (no ssh), `bad_ssh_config` (ssh refused its configuration; its own words),
 * `unsafe_ssh_config` (somebody else can write it), `timeout`.
 */
export const resolveTarget = async (target: SshTarget, options: ResolveOptions = {}): Promise<ResolvedTarget> => {
  const ssh = options.sshBinary ?? 'ssh'
  const name = targetName(target)
  if (options.configFile !== undefined) await refuseForeign(options.configFile)
  countProcess()
  const ran = await execa(ssh, ['-G', ...sshArgs(target, options.configFile), '--', target.alias], {
    reject: false, stdin: 'ignore', timeout: G_TIMEOUT_MS, maxBuffer: 1024 * 1024,
  }) // biome-ignore format: options on one line
  if (ran.code === 'ENOENT')
    throw new VcError(
      'tool_missing',
      `there is no ${ssh} here to read the ssh_config for ${name}`,
      'install openssh-client',
    )
  if (ran.timedOut)
    throw new VcError(
      'timeout',
      `ssh -G ${name} took more than ${G_TIMEOUT_MS} ms`,
      'look for a slow "Match exec" in the ssh_config',
    )
  if (ran.failed)
    throw (
      refusedBySsh(name, ran.stderr) ??
      usageError(
        'bad_ssh_config',
        `ssh -G ${name}: ${displayText(ran.stderr.trim() || ran.shortMessage || 'failed')}`,
        options.configFile === undefined ? 'correct ~/.ssh/config' : `correct ${options.configFile}`,
      )
    )
  return resolvedFrom(target, parseSshG(ran.stdout), options.configFile ?? null)
}

export interface TargetResolver {
  resolve(target: SshTarget): Promise<ResolvedTarget>
  /** Resolves anew; true when the ssh_config says something else now than before. One that cannot be read says nothing. */
  again(target: SshTarget): Promise<boolean>
}

/** Resolves each target once, a few at a time; failures are not remembered. */
export const openTargetResolver = (options: ResolveOptions = {}, atOnce = 8): TargetResolver => {
  const limit = pLimit(atOnce)
  const known = new Map<string, Promise<ResolvedTarget>>()
  return {
    resolve(target) {
      const name = targetName(target)
      const before = known.get(name)
      if (before !== undefined) return before
      const now = limit(() => resolveTarget(target, options))
      known.set(name, now)
      now.catch(() => known.delete(name))
      return now
    },
    async again(target) {
      const name = targetName(target)
      const before = await known.get(name)?.catch(() => null)
      const now = await limit(() => resolveTarget(target, options)).catch(() => null)
      if (now === null) return false
      known.set(name, Promise.resolve(now))
      return !isDeepStrictEqual(before, now)
    },
  }
}
