import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { actOnMissionsWish, sendMissionAction } from '../../../src/commands/missions/send.ts'
import { silentLog } from '../../../src/core/log.ts'
import { openStore } from '../../../src/store/index.ts'
import { createApp } from '../../../src/web/app.ts'
import { serveSocket } from '../../../src/web/socket-server.ts'
import { tempDir } from '../../store/support.ts'

const placesIn = (dataDir: string) => ({
  ...{ dataDir, dbFile: join(dataDir, 'vc.duckdb'), socketFile: join(dataDir, 's.sock') },
})

test('without a daemon the file is made, and the next command finds what it holds', async () => {
  const places = placesIn(tempDir())
  expect(await sendMissionAction(places, 'add', { missions: [{ title: 'a' }] }, 'ada')).toMatchObject({
    missions: [{ mission: 'm-1' }],
  })
  expect(await sendMissionAction(places, 'claim', { as: 'bob' }, 'bob')).toMatchObject({ outcome: 'recorded' })
  expect(await sendMissionAction(places, 'claim', { as: 'eve' }, 'eve')).toMatchObject({ outcome: 'refused' })
  await expect(sendMissionAction(placesIn(tempDir()), 'claim', { as: 'bob' }, 'bob')).rejects.toMatchObject({
    code: 'no_store',
  })
})

test('through the socket the daemon answers the same, refusals and usage errors too', async () => {
  const dataDir = tempDir()
  const places = placesIn(dataDir)
  const store = await openStore({ dataDir, minFreeBytes: 0 })
  const app = createApp({
    ...{ version: 't', startedAt: new Date(), log: silentLog },
    ask: () => Promise.reject(new Error('not asked')),
    robot: () => Promise.reject(new Error('not asked')),
    missions: (wish) => actOnMissionsWish(store, wish, new Date()),
  })
  const server = await serveSocket(app, places.socketFile)
  onTestFinished(async () => {
    await server.close()
    await store.close()
  })
  const added = await sendMissionAction(places, 'add', { missions: [{ title: 'a' }] }, 'ada\u001b[2J')
  expect(added).toMatchObject({ outcome: 'recorded', missions: [{ mission: 'm-1' }] })
  const claims = await Promise.all(
    ['x', 'y', 'z'].map((name) => sendMissionAction(places, 'claim', { as: name }, name)),
  )
  expect(claims.map(({ outcome }) => outcome).sort()).toEqual(['recorded', 'refused', 'refused'])
  await expect(sendMissionAction(places, 'claim', { as: 'a b' }, 'x')).rejects.toMatchObject({
    ...{ code: 'bad_mission', exitCode: 2 },
  })
  await expect(
    sendMissionAction(places, 'add', { missions: [{ title: 'a', priority: 'urgent' }] }, 'x'),
  ).rejects.toThrow('priority: is one of critical, high, normal, low, not “urgent”')
  const [row] = await store.db.rows<{ created_by: string }>('SELECT created_by FROM missions')
  expect(row?.created_by).toBe('ada[2J')
})
