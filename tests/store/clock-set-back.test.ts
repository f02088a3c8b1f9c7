import { describe, expect, test } from 'vitest'
import { latestScrapes, latestSys } from '../../src/store/index.ts'
import { appendAll, at, count, runOf, sys, tempStore } from './support.ts'

const DAY_S = 86_400
const look = (seconds: number, cpu_pct: number, about = {}) =>
  runOf(
    [
      { table: 'sys_samples', rows: [sys(seconds, { cpu_pct })] },
      { table: 'pty_panes', rows: [{ socket: 's', server_start_epoch_s: 1, pane_id: `%${cpu_pct}`, dead: false }] },
    ],
    { startedAt: at(seconds), ...about },
  )
const failure = { up: false, fault: 'timeout', batches: [] } as const

describe('after the clock here was ahead for a while and was set back', () => {
  const clock = { seconds: 0 }
  const store = (dataDir?: string) => tempStore({ now: () => at(clock.seconds), ...(dataDir ? { dataDir } : {}) })
  const seen = async (open: Awaited<ReturnType<typeof store>>) => ({
    cpu: (await latestSys(open.db))[0]?.cpu_pct,
    panes: (await open.db.rows<{ pane_id: string }>('SELECT pane_id FROM latest_pty_panes')).map((row) => row.pane_id),
    scrape: (await latestScrapes(open.db))[0],
  })

  /** A look at its time, one a month ahead of it, and the clock a minute behind the first. */
  const aheadAndBack = async () => {
    clock.seconds = 0
    const open = await store()
    await appendAll(open, look(0, 1))
    clock.seconds = 30 * DAY_S
    await appendAll(open, look(30 * DAY_S, 2))
    clock.seconds = 60
    return open
  }

  test.each([['in one process'], ['after a restart']])('what is seen now is the picture at once, %s', async (how) => {
    let open = await aheadAndBack()
    if (how === 'after a restart') {
      await open.close()
      open = await store(open.dataDir)
    }
    expect(await appendAll(open, look(60, 3))).toEqual([{ ok: true, inserted: 3, duplicates: 0 }])
    expect(await seen(open)).toMatchObject({
      cpu: 3,
      panes: ['%3'],
      scrape: { collected_at: at(60).toISOString(), last_ok_at: at(60).toISOString() },
    })
    clock.seconds = 90
    await appendAll(open, look(90, 4))
    expect(await seen(open)).toMatchObject({ cpu: 4, panes: ['%4'], scrape: { collected_at: at(90).toISOString() } })
    // What was seen by the wrong clock stays history.
    expect(await count(open, 'sys_samples')).toBe(4)
  })

  test('a source that fails now says when it last answered, by the clock that is right', async () => {
    const open = await aheadAndBack()
    await appendAll(open, look(60, 0, failure))
    expect((await seen(open)).scrape).toMatchObject({
      up: false,
      collected_at: at(60).toISOString(),
      last_ok_at: at(0).toISOString(),
      consecutive_failures: 1,
    })
  })

  test('a machine first seen by the wrong clock is seen, too', async () => {
    clock.seconds = 30 * DAY_S
    const open = await store()
    await appendAll(open, look(30 * DAY_S, 2))
    clock.seconds = 60
    await appendAll(open, look(60, 0, failure))
    expect((await seen(open)).scrape).toMatchObject({ up: false, last_ok_at: null, consecutive_failures: 1 })
    clock.seconds = 90
    await appendAll(open, look(90, 3))
    expect(await seen(open)).toMatchObject({ cpu: 3, scrape: { up: true, collected_at: at(90).toISOString() } })
  })

  test('the newest of what sources tell is not one from a time to come', async () => {
    const usage = (seconds: number, used_pct: number) =>
      runOf(
        [
          {
            table: 'account_usage_snapshots',
            rows: [
              {
                provider: 'openai',
                account_key: 'a',
                limit_id: 'l',
                window_name: '5h',
                observed_at: at(seconds),
                observed_source: 'caut',
                source_rank: 1,
                used_pct,
              },
            ],
          },
        ],
        { startedAt: at(seconds), collector: 'caut' },
      )
    const newest = (open: Awaited<ReturnType<typeof store>>) =>
      open.db.rows<{ used_pct: number }>('SELECT used_pct FROM latest_account_usage')
    clock.seconds = 30 * DAY_S
    const open = await store()
    await appendAll(open, usage(30 * DAY_S, 90))
    clock.seconds = 60
    await appendAll(open, usage(60, 10))
    expect(await newest(open)).toEqual([{ used_pct: 10 }])
    // One told late is older than that, as ever.
    await appendAll(open, usage(30, 5))
    expect(await newest(open)).toEqual([{ used_pct: 10 }])
  })
})
