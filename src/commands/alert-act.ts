import { EXIT, VcError } from '../core/errors.ts'
import { type AlertMarks, afterAction, alertNamed, checkedAction } from '../oracle/alert-action.ts'
import type { Store } from '../store/index.ts'
// By file, not through the room's index: most of the time the daemon acts, and the library is not needed.
import { standingAlerts } from '../store/read/alerts.ts'
import { byOwner } from './by-owner.ts'
import type { StorePlaces } from './store-places.ts'

type Given = Readonly<Record<string, unknown>>

/** The alert as it is afterwards. Times are epoch milliseconds. */
export interface ActedAlert extends AlertMarks {
  readonly alertId: string
  readonly title: string
  readonly status: string
}

export interface TestedChannel {
  readonly channel: string
  readonly told: { readonly ok: boolean; readonly code: number | null; readonly detail: string | null }
}

const PATIENCE_MS = 60_000

const ms = (iso: string | null): number | null => (iso === null ? null : Date.parse(iso))
const date = (at: number | null): Date | null => (at === null ? null : new Date(at))

/** A person's word about an alert while no daemon runs: written where the next one will read it. */
export const actInStore = async (store: Pick<Store, 'db' | 'write'>, given: Given, now: Date): Promise<ActedAlert> => {
  const action = checkedAction(given)
  const known = (await standingAlerts(store.db)).map((row) => ({
    alertId: row.alert_id,
    title: row.title,
    status: row.status,
    ackedAtMs: ms(row.acked_at),
    silencedUntilMs: ms(row.silenced_until),
    closedAtMs: ms(row.closed_at),
  }))
  const alert = afterAction(alertNamed(known, action.alert), action, now.getTime())
  const row = {
    alert_id: alert.alertId,
    acked_at: date(alert.ackedAtMs),
    silenced_until: date(alert.silencedUntilMs),
    closed_at: date(alert.closedAtMs),
  }
  const batches = [{ table: 'alerts', rows: [row] }]
  const outcome = await store.write({ machineId: 'fleet', source: 'alert.action', at: now, batches, awaited: true })
  if (!outcome.ok) throw new VcError('not_stored', `it was not stored: ${outcome.detail}`, 'look with: vc doctor')
  return alert
}

/** Hands it to whoever owns the store. */
export const actOnAlert = async (places: StorePlaces, given: Given): Promise<ActedAlert> =>
  byOwner(places, {
    path: '/v1/alerts/act',
    body: checkedAction(given),
    timeoutMs: PATIENCE_MS,
    here: (store) => actInStore(store, given, new Date()),
  })

/** Channels are tried by the daemon, whose environment and network they will have when it matters. */
export const testChannels = async (
  places: Pick<StorePlaces, 'socketFile'>,
  channel: string | null,
): Promise<readonly TestedChannel[]> => {
  const { NoDaemon, requestText } = await import('../transport/socket-client.ts')
  try {
    const request = { method: 'POST', path: '/v1/alerts/test', body: { channel }, timeoutMs: PATIENCE_MS } as const
    return JSON.parse((await requestText(places.socketFile, request)).text) as TestedChannel[]
  } catch (error) {
    if (!(error instanceof NoDaemon)) throw error
    throw new VcError('no_daemon', 'channels are tried by the daemon, and none answers', 'vc daemon --detach', {
      exitCode: EXIT.refused,
    })
  }
}
