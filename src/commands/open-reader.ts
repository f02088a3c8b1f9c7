import { readFile } from 'node:fs/promises'
import type { AskRequest, Reader, Reply } from '../core/carrier.ts'
import { VcError } from '../core/errors.ts'
import type { OwnConfig } from '../core/own-config.ts'
import type { FleetPlan } from '../core/plan.ts'
import { ageWords } from '../oracle/age-words.ts'
import { answer, queries } from '../queries/index.ts'
import { lockedError, lockIsFree, openStore, readLock } from '../store/index.ts'
import { NoDaemon } from '../transport/socket-client.ts'
import { askOver, SILENT_FIX, silent, socketReader } from './ask-daemon.ts'
import { saysBegunAnew } from './begun-anew.ts'
import { holderFix, holderWords, isStopped } from './holder-words.ts'
import { NOTE_AFTER_MS, SETTLE_MS, untilSettled } from './settled-owner.ts'
import { storeHolder } from './store-holder.ts'

/** Where the owner of the store may be found, and how to become it. */
export interface ReaderPlaces {
  readonly socketFile: string
  readonly stateFile: string
  readonly dataDir: string
  readonly dbFile: string
  readonly memoryLimitMb: number
  readonly threads: number
  readonly plan: FleetPlan
  readonly ownConfig?: () => OwnConfig
  readonly version: string
  /** Told with the pid of whoever has the store and is waited for. */
  readonly onWait?: (pid: number) => void
}

const withWarning = (reply: Reply, text: string): Reply => ({ ...reply, warnings: [...(reply.warnings ?? []), text] })

/** This process opens the file for as long as it runs, and says so. */
const embeddedReader = async (places: ReaderPlaces): Promise<Reader> => {
  const store = await openStore({
    dataDir: places.dataDir,
    dbPath: places.dbFile,
    memoryLimitMb: places.memoryLimitMb,
    threads: places.threads,
    programVersion: places.version,
  })
  return {
    carrier: 'embedded',
    async ask(request: AskRequest) {
      const reply = await answer(queries, request, {
        db: store.db,
        now: new Date(),
        plan: places.plan,
        inventoryOfPlan: true,
        ...(places.ownConfig ? { ownConfig: places.ownConfig } : {}),
      })
      return withWarning(
        await saysBegunAnew(reply, store),
        'embedded: no daemon is running, so nothing is being collected; this is what the file holds (start one: vc daemon)',
      )
    },
    close: () => store.close(),
  }
}

interface StateFile {
  readonly generated_at: string
  readonly answers: readonly { readonly request: AskRequest; readonly reply: Reply }[]
}

const spelled = ({ topic, params }: AskRequest): string =>
  JSON.stringify([topic, Object.entries(params).sort(([a], [b]) => a.localeCompare(b))])

const readState = async (path: string): Promise<StateFile | null> => {
  try {
    const state: unknown = JSON.parse(await readFile(path, 'utf8'))
    const whole = typeof state === 'object' && state !== null && 'answers' in state && Array.isArray(state.answers)
    return whole ? (state as StateFile) : null
  } catch {
    return null
  }
}

type MachineAge = Readonly<Record<string, unknown>>

const agedLine = (line: MachineAge, ageS: number): MachineAge =>
  typeof line.age_s === 'number' ? { ...line, age_s: line.age_s + ageS, stale: true } : line

/** The ages that stand in the lines of the topic `machines`. */
const agedData = (data: unknown, ageS: number): unknown => {
  if (typeof data !== 'object' || data === null || !('machines' in data) || !Array.isArray(data.machines)) return data
  return { ...data, machines: data.machines.map((line: MachineAge) => agedLine(line, ageS)) }
}

// Its ages were true when it was written; on a line without warnings they are all that tells how old it is.
const older = (reply: Reply, ageS: number): Reply => ({
  ...reply,
  data: agedData(reply.data, ageS),
  ...(reply.staleness && {
    staleness: Object.fromEntries(Object.entries(reply.staleness).map(([source, age]) => [source, age + ageS])),
  }),
})

/** Who listens but is silent is busy, and nobody else can answer: it is waited for as one that starts is, unless a signal stopped it. */
const askPatiently = async (
  places: ReaderPlaces,
  request: AskRequest,
  pid: number | null,
  patienceMs: number,
): Promise<Reply> => {
  const stopped = pid !== null && isStopped(pid)
  const noted = setTimeout(() => pid !== null && !stopped && places.onWait?.(pid), NOTE_AFTER_MS)
  try {
    return await askOver(places, request, stopped ? Math.min(patienceMs, NOTE_AFTER_MS) : patienceMs)
  } catch (error) {
    if (!(error instanceof VcError) || error.code !== 'daemon_silent' || pid === null) throw error
    throw silent(holderWords(pid), places, holderFix(pid, SILENT_FIX))
  } finally {
    clearTimeout(noted)
  }
}

/** The daemon's last words, when it holds the store but does not answer: only to the very questions it wrote down. */
const stateFileReader = async (places: ReaderPlaces, patienceMs: number): Promise<Reader> => {
  const lock = await readLock(places.dataDir)
  if (lock === 'unreadable' && !(await lockIsFree(places.dataDir))) throw lockedError(places.dataDir, lock)
  const pid = await storeHolder(places.dataDir)
  const owner = pid === null ? 'another process' : holderWords(pid)
  const fix = pid === null ? SILENT_FIX : holderFix(pid, SILENT_FIX)
  const state = await readState(places.stateFile)
  return {
    carrier: 'state_file',
    async ask(request) {
      const kept = state?.answers.find((one) => spelled(one.request) === spelled(request))
      if (state === null || kept === undefined) return askPatiently(places, request, pid, patienceMs)
      const ageS = Math.max(0, Math.round((Date.now() - Date.parse(state.generated_at)) / 1000))
      return withWarning(
        older(kept.reply, ageS),
        `state_file: ${owner} does not answer; this is its last written state, ${ageWords(ageS)} old (${fix})`,
      )
    },
    async close() {},
  }
}

type Carried = Reader | { readonly why: NoDaemon['why'] } | 'taken'

const tryCarriers = async (places: ReaderPlaces): Promise<Carried> => {
  let why: NoDaemon['why']
  try {
    return await socketReader(places)
  } catch (error) {
    if (!(error instanceof NoDaemon)) throw error
    why = error.why
  }
  if (!(await lockIsFree(places.dataDir))) return { why }
  return embeddedReader(places).catch((error: unknown) => {
    // Somebody was quicker by a moment.
    if (error instanceof VcError && error.code === 'store_locked') return 'taken'
    throw error
  })
}

const once = (tell: (pid: number) => void = () => {}): ((pid: number) => void) => {
  let told = false
  return (pid) => {
    if (!told) tell(pid)
    told = true
  }
}

/**
 * Socket, then this process, then the state file: whoever can answer truthfully. A lock without a listener is a daemon that
 * starts or another command that looks: either is waited for.
 */
export const openReader = async (asked: ReaderPlaces, patienceMs = SETTLE_MS): Promise<Reader> => {
  const places = { ...asked, onWait: once(asked.onWait) }
  const look = async (): Promise<Reader | null> => {
    const got = await tryCarriers(places)
    if (got === 'taken') return null
    if ('ask' in got) return got
    return got.why === 'silent' || got.why === 'denied' ? stateFileReader(places, patienceMs) : null
  }
  const { dataDir, onWait } = places
  const ports = { holder: () => storeHolder(dataDir), onWait }
  return (await untilSettled(look, ports, patienceMs)) ?? stateFileReader(places, patienceMs)
}
