import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { openLocalExecutor } from '../../../src/transport/local.ts'
import { hasProgram } from '../../programs.ts'
import { type EngineScene, openScene } from './scene.ts'

const until = async (what: string, holds: () => boolean): Promise<void> => {
  const end = Date.now() + 80_000
  while (!holds()) {
    if (Date.now() > end) throw new Error(`not within 80 s: ${what}`)
    await wait(50)
  }
}

const kill = (scene: EngineScene, id: string): void => {
  process.kill(scene.agent(id).pane_pid ?? 0, 'SIGKILL')
}

const others = { there: async () => openLocalExecutor() }
const engineKeys = { look_remote_seconds: 1 }

describe.skipIf(!hasProgram('tmux'))('a machine that comes and goes while the daemon runs', () => {
  test('is looked at from then on, by the clock and not by anybody asking', async () => {
    const scene = await openScene({ others, engineKeys })
    scene.reload([])
    scene.engine.start(scene.acting)
    scene.reload(['there'])
    const id = await scene.spawn(['sleep', '3900'], { machine: 'there' })
    kill(scene, id)
    await until('its end to be seen', () => scene.agent(id).status === 'stopped')
    expect(await scene.happened(id)).toEqual(expect.arrayContaining(['spawn', 'crash', 'stop']))
  })

  test('nothing is done on it while it is taken out, and nothing is concluded of its agents', async () => {
    const scene = await openScene({ others, engineKeys })
    scene.engine.start(scene.acting)
    const id = await scene.spawn(['sleep', '3901'], { machine: 'there', restart: 'always' })
    scene.reload([])
    expect(await scene.act('agent.stop', { agent: id })).toMatchObject({
      ...{ outcome: 'refused', refusal: { code: 'unknown_machine' } },
    })
    await scene.engine.look()
    expect(scene.agent(id)).toMatchObject({ status: 'running', wanted: 'run' })
    scene.reload(['there'])
    expect(await scene.act('agent.stop', { agent: id })).toMatchObject({ outcome: 'verified' })
  })
})
