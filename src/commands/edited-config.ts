import { statSync } from 'node:fs'
import { basename } from 'node:path'
import { homeConfigFile, type LoadedConfig, type Surroundings, surroundings } from '../config/index.ts'
import type { AskRequest, Reply } from '../core/carrier.ts'
import { momentWords } from '../core/moment.ts'
import { displayText } from '../core/text.ts'
import type { UnloadedConfig } from '../core/unloaded-config.ts'
import { warning } from '../queries/define.ts'
import { namesIn } from '../queries/params.ts'
import { type ConfigDifference, configDifference } from './config-difference.ts'
import { refusalWords } from './refusal-words.ts'
import { refuseMoved } from './refuse-moved.ts'

/** Answers a person or an agent looks at first: that a file is refused is told there. */
const TOLD: ReadonlySet<string> = new Set(['doctor', 'health', 'status', 'machines', 'triage'])

interface Stamp {
  readonly id: string
  readonly at: Date
}

/** Null: it is not there, or cannot be looked at. */
const stampOf = (path: string): Stamp | null => {
  try {
    const { ino, size, mtimeMs, ctimeMs } = statSync(path)
    return { id: `${ino} ${size} ${mtimeMs} ${ctimeMs}`, at: new Date(ctimeMs) }
  } catch {
    return null
  }
}

/** What the file says by now, as far as it differs from what is in force. */
type Edit =
  | { readonly is: 'none' }
  | { readonly is: 'refused'; readonly why: unknown }
  | { readonly is: 'waits'; readonly at: Date | null; readonly difference: ConfigDifference }

const NO_EDIT: Edit = { is: 'none' }
const RELOAD = 'vc config reload; what it would refuse: vc config lint'

export interface EditedConfig {
  /** A reload took this in force. */
  taken(next: LoadedConfig): void
  /** A reload was refused, and why. */
  refused(why: unknown): void
  /** What waits in the file for a reload; null: nothing, or what a reload would refuse. */
  unloaded(): Promise<UnloadedConfig | null>
  /** The reply, and beside it that the file was edited to something that is refused, or that is not loaded. */
  told(reply: Reply, request: AskRequest): Promise<Reply>
}

const unloadedOf = (path: string, edit: Edit, now: Date): UnloadedConfig | null => {
  if (edit.is !== 'waits') return null
  const { at, difference } = edit
  const happened =
    at === null ? 'is gone, which is not taken up' : `changed at ${momentWords(at, now)}, and is not loaded`
  const changed = `${displayText(basename(path), 80)} ${happened}`
  return { changed, difference: difference.says, machines: difference.looked, fix: RELOAD }
}

/** Those of them that were asked about: all, where none is named. */
const askedOf = (machines: readonly string[], { params }: AskRequest): readonly string[] => {
  const named = typeof params.machine === 'string' ? namesIn(params.machine) : null
  return named === null ? machines : machines.filter((id) => named.includes(id))
}

const saysUnloaded = (reply: Reply, request: AskRequest, unloaded: UnloadedConfig): Reply => {
  const { changed, difference, machines, fix } = unloaded
  const said = warning('config_not_loaded', `${changed}: ${difference}`, fix)
  const notLoaded = askedOf(machines, request)
  return { ...reply, warnings: [...(reply.warnings ?? []), said], ...(notLoaded.length > 0 ? { notLoaded } : {}) }
}

/** Watches the file a daemon was started with. It is read anew only when it was changed and somebody asks. */
export const openEditedConfig = (
  loaded: LoadedConfig,
  load: () => Promise<LoadedConfig>,
  at: Surroundings = surroundings(),
): EditedConfig => {
  const path = loaded.source.is === 'file' ? loaded.source.path : homeConfigFile(at)
  let inForce = loaded
  let judged: string | null | undefined = stampOf(path)?.id ?? null
  let edit: Promise<Edit> = Promise.resolve(NO_EDIT)
  const judge = async (stamp: Stamp | null): Promise<Edit> => {
    try {
      const next = await load()
      refuseMoved(inForce, next)
      const difference = configDifference(inForce.config, next.config)
      return difference === null ? NO_EDIT : { is: 'waits', at: stamp?.at ?? null, difference }
    } catch (why) {
      return { is: 'refused', why }
    }
  }
  const look = (): Promise<Edit> => {
    const stamp = stampOf(path)
    if ((stamp?.id ?? null) === judged) return edit
    judged = stamp?.id ?? null
    edit = judge(stamp)
    return edit
  }
  return {
    taken(next) {
      inForce = next
      // The file may have been edited while it was taken up.
      judged = undefined
    },
    refused(why) {
      judged = stampOf(path)?.id ?? null
      edit = Promise.resolve({ is: 'refused', why })
    },
    unloaded: async () => unloadedOf(path, await look(), new Date()),
    async told(reply, request) {
      const found = await look()
      if (found.is === 'refused' && TOLD.has(reply.topic)) {
        const { code, message, fix } = refusalWords(found.why)
        return { ...reply, warnings: [...(reply.warnings ?? []), warning(code, message, fix)] }
      }
      // What the file says now changes nothing about the past.
      const unloaded = request.params.at === undefined ? unloadedOf(path, found, new Date()) : null
      return unloaded === null ? reply : saysUnloaded(reply, request, unloaded)
    },
  }
}
