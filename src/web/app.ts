import { Hono } from 'hono'
import type { AskRequest, Reply } from '../core/carrier.ts'
import { EXIT, messageOf, usageError, VcError } from '../core/errors.ts'
import { SAFE_NAME } from '../core/ids.ts'
import type { StoreKeeper } from '../core/keeper.ts'
import type { Log } from '../core/log.ts'
import type { LookLine } from '../core/looked.ts'
import { displayText } from '../core/text.ts'
import { plainBodies, questionOf } from './bodies.ts'
import { streamLines } from './lines.ts'

/** Everything the routes need; they know no store and no daemon. */
export interface AppPorts {
  readonly version: string
  readonly startedAt: Date
  /** Which code it was started from. */
  readonly build?: string | null
  ask(request: AskRequest): Promise<Reply>
  /** The finished text of a robot answer (one format), and its exit code. */
  robot(
    topic: string,
    format: string,
    params: Readonly<Record<string, string>>,
  ): Promise<{ text: string; exit: number }>
  /** Keeps what a person did to the trust in a machine (`vc machines trust`). */
  audit?(event: { readonly machineId: string; readonly kind: 'trust'; readonly detail: string }): Promise<void>
  /** Copies of the store for commands that may not open it themselves. */
  readonly keeper?: StoreKeeper
  /** A look at one agent now. Content: only on the owner's own socket. */
  evidence?(agent: string): Promise<unknown>
  /** A search in what agents wrote. Content: only on the owner's own socket. */
  content?(question: Readonly<Record<string, unknown>>): Promise<unknown>
  /** What a person does to an incident: open, note, close. */
  incident?(change: Readonly<Record<string, unknown>>): Promise<unknown>
  /** What an agent's terminal showed. Content: only on the owner's own socket. */
  engineLog?(asked: Readonly<Record<string, unknown>>): Promise<unknown>
  /** The queue of missions: add, claim, report … */
  missions?(wish: Readonly<Record<string, unknown>>): Promise<unknown>
  /** What a person does to an alert, and a test of channels. */
  readonly alerts?: {
    act(given: Readonly<Record<string, unknown>>): Promise<unknown>
    test(given: Readonly<Record<string, unknown>>): Promise<unknown>
  }
  /** Actions on machines and agents: a wish is proposed, and a person's yes comes with its token. */
  readonly act?: {
    propose(given: unknown): Promise<object>
    confirm(given: unknown): Promise<object>
  }
  /** Copies closed days into the archive and removes old rows, as vc.toml allows. */
  vacuum?(wish: Readonly<Record<string, unknown>>): Promise<unknown>
  /** Looks now. Throws for a wish that cannot be; what it returns tells each run as it comes. */
  collect?(wish: unknown): (tell: (line: LookLine) => void) => Promise<void>
  readonly log: Log
}

const STATUS: Record<number, 400 | 403 | 409 | 500 | 504> = {
  [EXIT.usage]: 400,
  [EXIT.refused]: 403,
  [EXIT.unknownEffect]: 409,
  [EXIT.timedOut]: 504,
}

/** The same error object on every door. */
export const errorBody = (
  error: unknown,
): { error: { code: string; message: string; fix: string; exit_code: number } } =>
  error instanceof VcError
    ? { error: { code: error.code, message: error.message, fix: error.fix, exit_code: error.exitCode } }
    : {
        error: {
          code: 'internal',
          message: messageOf(error),
          fix: 'see the daemon log (vc config paths), and report it',
          exit_code: EXIT.fault,
        },
      }

const MAX_ID_CHARS = 128

// Most likely a command and a daemon of two versions.
const unknownRequest = (method: string, path: string, version: string): VcError =>
  new VcError(
    'unknown_request',
    `the daemon (vc ${version}) answers no ${method} ${displayText(path, 60)}`,
    'restart it with the version of this command: vc daemon stop, then vc daemon',
  )

/** The one HTTP application: on the Unix socket today, on loopback for the dashboard later. */
export const createApp = (ports: AppPorts): Hono => {
  const app = new Hono()
  app.onError((error, c) => {
    if (!(error instanceof VcError)) ports.log.error({ detail: messageOf(error), path: c.req.path }, 'request failed')
    const body = errorBody(error)
    return c.json(body, STATUS[body.error.exit_code] ?? 500)
  })
  app.notFound((c) => c.json(errorBody(unknownRequest(c.req.method, c.req.path, ports.version)), 404))
  app.use(plainBodies)
  app.get('/v1/ping', (c) =>
    c.json({
      version: ports.version,
      pid: process.pid,
      started_at: ports.startedAt.toISOString(),
      build: ports.build ?? null,
    }),
  )
  app.post('/v1/ask', async (c) => c.json(await ports.ask(questionOf(await c.req.json()))))
  app.post('/v1/audit', async (c) => {
    const { machineId, kind, detail } = await c.req.json<Record<string, unknown>>()
    if (typeof machineId !== 'string' || kind !== 'trust' || typeof detail !== 'string' || ports.audit === undefined) {
      throw usageError('bad_event', 'the daemon keeps no such event', 'restart it with this version: vc daemon stop')
    }
    // A machine of a newer vc.toml than the daemon's is one, too; text that could be no machine's id stays out for ever.
    if (!SAFE_NAME.test(machineId) || machineId.length > MAX_ID_CHARS)
      throw usageError('bad_event', 'an event is about a machine, and this is the name of none', 'vc machines list')
    await ports.audit({ machineId, kind, detail })
    return c.json({ ok: true })
  })
  if (ports.keeper) addKeeperRoutes(app, ports.keeper)
  if (ports.alerts) addAlertRoutes(app, ports.alerts)
  if (ports.act) addActRoutes(app, ports.act)
  app.post('/v1/collect', async (c) => {
    if (ports.collect === undefined)
      throw usageError(
        'bad_look',
        'the daemon looks in its own beat only',
        'restart it with this version: vc daemon stop',
      )
    return streamLines(ports.collect(await c.req.json()), errorBody)
  })
  app.post('/v1/evidence', async (c) => {
    const { agent } = await c.req.json<Record<string, unknown>>()
    if (typeof agent !== 'string' || ports.evidence === undefined)
      throw usageError('bad_evidence', 'the daemon was asked for the evidence of no agent', 'vc explain <agent>')
    return c.json((await ports.evidence(agent)) as object)
  })
  app.post('/v1/content', async (c) => {
    if (ports.content === undefined)
      throw usageError(
        'bad_content_search',
        'the daemon searches no content',
        'restart it with this version: vc daemon stop',
      )
    return c.json((await ports.content(await c.req.json<Record<string, unknown>>())) as object)
  })
  app.post('/v1/incident', async (c) => {
    if (ports.incident === undefined)
      throw usageError(
        'bad_incident_change',
        'the daemon keeps no incidents',
        'restart it with this version: vc daemon stop',
      )
    return c.json((await ports.incident(await c.req.json<Record<string, unknown>>())) as object)
  })
  app.post('/v1/engine/log', async (c) => {
    if (ports.engineLog === undefined)
      throw usageError('bad_log', 'the daemon keeps no agents', 'restart it with this version: vc daemon stop')
    return c.json((await ports.engineLog(await c.req.json<Record<string, unknown>>())) as object)
  })
  app.post('/v1/missions', async (c) => {
    if (ports.missions === undefined)
      throw usageError(
        'bad_mission_action',
        'the daemon keeps no missions',
        'restart it with this version: vc daemon stop',
      )
    return c.json((await ports.missions(await c.req.json<Record<string, unknown>>())) as object)
  })
  app.post('/v1/vacuum', async (c) => {
    if (ports.vacuum === undefined)
      throw usageError('bad_vacuum', 'the daemon archives nothing', 'restart it with this version: vc daemon stop')
    return c.json((await ports.vacuum(await c.req.json<Record<string, unknown>>())) as object)
  })
  app.get('/v1/robot/:topic', async (c) => {
    const { format = 'json', ...params } = c.req.query()
    const { text, exit } = await ports.robot(c.req.param('topic'), format, params)
    return c.body(text, 200, { 'content-type': 'text/plain; charset=utf-8', 'x-vc-exit': String(exit) })
  })
  return app
}

const addKeeperRoutes = (app: Hono, keeper: StoreKeeper): void => {
  app.post('/v1/sql/snapshot', async (c) => c.json(await keeper.snapshot()))
  app.post('/v1/backup', async (c) => c.json(await keeper.backup()))
  app.get('/v1/db', async (c) => c.json(await keeper.counts()))
}

const addAlertRoutes = (app: Hono, alerts: NonNullable<AppPorts['alerts']>): void => {
  app.post('/v1/alerts/act', async (c) => c.json((await alerts.act(await c.req.json())) as object))
  app.post('/v1/alerts/test', async (c) => c.json((await alerts.test(await c.req.json())) as object))
}

const addActRoutes = (app: Hono, act: NonNullable<AppPorts['act']>): void => {
  app.post('/v1/act/propose', async (c) => c.json(await act.propose(await c.req.json())))
  app.post('/v1/act/confirm', async (c) => c.json(await act.confirm(await c.req.json())))
}
