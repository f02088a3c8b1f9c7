import { setTimeout as pause } from 'node:timers/promises'
import type { Reader } from '../core/carrier.ts'
import { EXIT } from '../core/errors.ts'
import type { CliContext } from './context.ts'
import type { CliDeps } from './deps.ts'
import { isOtherBuild } from './other-build.ts'

/** What was seen to become of the file; null: nothing yet, looks that run are ended first. */
type Outcome = { readonly is: 'taken' } | { readonly is: 'refused'; readonly says: string } | null

const WAITS_MS = 5_000
const STEP_MS = 100

const outcomeNow = async (reader: Pick<Reader, 'ask'>): Promise<Outcome> => {
  const { warnings = [] } = await reader.ask({ topic: 'health', params: {} })
  const refused = warnings.find((text) => text.startsWith('config_refused: '))
  if (refused !== undefined) return { is: 'refused', says: refused }
  return warnings.some((text) => text.startsWith('config_not_loaded: ')) ? null : { is: 'taken' }
}

/** Asks whoever was told to reload until it says what came of that, or for so long. */
export const reloadOutcome = async (
  reader: Pick<Reader, 'ask'>,
  wait: (ms: number) => Promise<unknown> = pause,
): Promise<Outcome> => {
  for (let waited = 0; waited < WAITS_MS; waited += STEP_MS) {
    const outcome = await outcomeNow(reader)
    if (outcome !== null) return outcome
    await wait(STEP_MS)
  }
  return null
}

// One of other code may not tell: then nothing was seen.
const seenOf = async (
  deps: CliDeps,
  running: NonNullable<Awaited<ReturnType<CliDeps['pingDaemon']>>>,
  paths: Parameters<CliDeps['runningReader']>[0],
): Promise<Outcome> => {
  if (await isOtherBuild(deps, running)) return null
  const reader = await deps.runningReader(paths)
  return reader === null ? null : reloadOutcome(reader).finally(() => reader.close())
}

// Beside an answer in JSON, which is alone on stdout.
const sayIn = (ctx: CliContext): ((text: string) => void) =>
  ctx.format(['table', 'json']) === 'json' ? (text) => void ctx.io.stderr.write(`vc: ${text}\n`) : ctx.print

/** Lets a running daemon take the file up, and says what was seen to come of it. */
export const reloadDaemon = async (ctx: CliContext, deps: CliDeps): Promise<void> => {
  const say = sayIn(ctx)
  const loaded = await ctx.config()
  const running = await deps.pingDaemon(loaded)
  if (running === null) {
    const { silentHolder, storeHolder } = await import('../commands/store-holder.ts')
    if ((await storeHolder(loaded.paths.dataDir)) !== null) throw await silentHolder(loaded.paths.dataDir)
    return say('no daemon runs; the next command reads the file anyway')
  }
  process.kill(running.pid, 'SIGHUP')
  const daemon = `the daemon (pid ${running.pid})`
  const outcome = await seenOf(deps, running, loaded.paths)
  if (outcome?.is === 'taken') return say(`${daemon} goes by the file as it is now`)
  if (outcome === null) return say(`${daemon} was told to take the file up; what came of it: vc config show, vc doctor`)
  say(`${daemon} did not take the file up: ${outcome.says}`)
  ctx.exit(EXIT.fault)
}
