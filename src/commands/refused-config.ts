import { statSync } from 'node:fs'
import {
  type ConfigSource,
  homeConfigFile,
  type LoadedConfig,
  type Surroundings,
  surroundings,
} from '../config/index.ts'
import type { Reply } from '../core/carrier.ts'
import { warning } from '../queries/define.ts'
import { refusalWords } from './refusal-words.ts'

/** Answers a person or an agent looks at first. */
const TOLD: ReadonlySet<string> = new Set(['doctor', 'health', 'status', 'machines', 'triage'])

/** Null: it is not there, or cannot be looked at. */
const stampOf = (path: string): string | null => {
  try {
    const { ino, size, mtimeMs, ctimeMs } = statSync(path)
    return `${ino} ${size} ${mtimeMs} ${ctimeMs}`
  } catch {
    return null
  }
}

export interface RefusedConfig {
  /** A reload ended: null, or why it was refused. */
  reloaded(refusal: unknown): void
  /** The reply, and beside it that the file was edited to something that is refused. */
  told(reply: Reply): Promise<Reply>
}

/** Watches the file a daemon was started with. It is read anew only when it was changed and somebody asks. */
export const openRefusedConfig = (
  source: ConfigSource,
  load: () => Promise<LoadedConfig>,
  at: Surroundings = surroundings(),
): RefusedConfig => {
  const path = source.is === 'file' ? source.path : homeConfigFile(at)
  let judged = stampOf(path)
  let refusal: unknown = null
  const look = async (): Promise<void> => {
    const stamp = stampOf(path)
    if (stamp === judged) return
    judged = stamp
    refusal = await load().then(
      () => null,
      (error: unknown) => error,
    )
  }
  return {
    reloaded(why) {
      judged = stampOf(path)
      refusal = why
    },
    async told(reply) {
      if (!TOLD.has(reply.topic)) return reply
      await look()
      if (refusal === null) return reply
      const { code, message, fix } = refusalWords(refusal)
      return { ...reply, warnings: [...(reply.warnings ?? []), warning(code, message, fix)] }
    },
  }
}
