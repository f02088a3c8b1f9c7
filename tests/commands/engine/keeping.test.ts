import { execFileSync } from 'node:child_process'
import { mkdirSync, realpathSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { readAgentLog, readableLines } from '../../../src/commands/engine/log.ts'
import { lookForOrphans } from '../../../src/commands/engine/orphans.ts'
import { actOnMissions } from '../../../src/commands/missions/act.ts'
import { giveStanding } from '../../../src/daemon/engine-standing.ts'
import { openTaskWatch } from '../../../src/daemon/engine-tasks.ts'
import { engine as engineTopic } from '../../../src/queries/engine.ts'
import { readChanges } from '../../../src/queries/rows-oracle-events.ts'
import { missions } from '../../../src/store/index.ts'
import { hasProgram } from '../../programs.ts'
import { type EngineScene, openScene, scratch } from './scene.ts'

const until = async (what: string, holds: () => boolean | Promise<boolean>): Promise<void> => {
  const end = Date.now() + 60_000
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`not within a minute: ${what}`)
    await pause(50)
  }
}

const topic = async (scene: EngineScene) => {
  const now = new Date()
  const plan = { machines: [{ machineId: 'here', local: true, enabled: true, sources: [], maxAgents: 20 }] }
  const ctx = { db: scene.store.db, now, plan }
  return (await engineTopic.load(engineTopic.params.parse({}), ctx)).data
}

describe.skipIf(!hasProgram('tmux'))('what vc keeps of its agents', () => {
  test('a grandchild that left its session is an orphan when the agent is gone, with the memory it holds', async () => {
    const scene = await openScene()
    const id = await scene.spawn(['sh', '-c', 'setsid sleep 4000 & sleep 0.3'])
    const { here } = scene.engine
    await until('the agent ended', async () => {
      await scene.engine.look()
      return scene.agent(id).status !== 'running'
    })
    const orphans = await lookForOrphans(here, 'here')
    const own = (orphans ?? []).filter((orphan) => orphan.agent_id === id)
    for (const orphan of own) onTestFinished(() => void process.kill(orphan.pid, 'SIGKILL'))
    expect(own).toMatchObject([{ comm: 'sleep', why: 'agent_ended', rss_bytes: expect.any(Number) }])
    const { orphans: shown, orphan_mem_bytes: memBytes } = await topic(scene)
    expect(shown).toMatchObject([{ agent: id, command: 'sleep' }])
    expect(memBytes).toBeGreaterThan(0)
  })

  test('a living agent has no orphans, and stop takes the grandchild that left its session with it', async () => {
    const scene = await openScene()
    const id = await scene.spawn(['sh', '-c', 'setsid sleep 4001 & exec sleep 4002'])
    const { here } = scene.engine
    expect((await lookForOrphans(here, 'here'))?.filter((orphan) => orphan.agent_id === id)).toEqual([])
    expect(await scene.act('agent.stop', { agent: id })).toMatchObject({ outcome: 'verified' })
    expect((await lookForOrphans(here, 'here'))?.filter((orphan) => orphan.agent_id === id)).toEqual([])
  })

  test('its log and its screen are lines without control bytes and secrets', async () => {
    const scene = await openScene()
    const id = await scene.spawn(['sh', '-c', "printf '\\033[31mred\\033[0m words\\n'; exec sleep 4003"])
    const read = (more: object) => readAgentLog(scene.engine.here, { agent: id, ...more })
    await until('the words are in the log', async () => (await read({})).lines.includes('red words'))
    expect(await read({ screen: true })).toMatchObject({ from: 'screen', lines: expect.arrayContaining(['red words']) })
    expect(readableLines('old\rnew\nkey sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123456789\n', 9).join('|')).not.toMatch(
      /old|abcdefghijklmnop/,
    )
  })

  test.skipIf(!hasProgram('git'))(
    'one that works apart gets a worktree of its own, and keeps it over restarts',
    async () => {
      const dir = realpathSync(scratch())
      const repo = join(dir, 'repo')
      mkdirSync(repo)
      const git = (...args: string[]) => execFileSync('git', ['-C', repo, ...args], { stdio: 'pipe' })
      git('init', '-q', '-b', 'main')
      writeFileSync(join(repo, 'a'), 'a')
      git('add', 'a')
      git('-c', 'user.name=t', '-c', 'user.email=t@example.org', 'commit', '-qm', 'first')
      const scene = await openScene({ dir })
      const id = await scene.spawn(['sleep', '4004'], { cwd: repo, isolation: 'worktree' })
      const { worktree, branch } = scene.agent(id)
      expect(branch).toBe(`vc/${id.slice(5)}`)
      expect(worktree).toContain('repo')
      expect(git('worktree', 'list').toString()).toContain(worktree)
      await scene.act('agent.restart', { agent: id })
      expect(scene.agent(id)).toMatchObject({ worktree, launches: 2, status: 'running' })
      const refused = await scene.act('agent.spawn', {
        ...{ machine: 'here', cli: 'generic', cwd: '/', isolation: 'worktree', args: ['true'] },
      })
      expect(refused.outcome).toBe('refused')
    },
  )

  test('a standing agent gets its mission once a minute of its schedule; what it begins and ends is told', async () => {
    const clock = { now: new Date('2026-11-21T07:00:05Z') }
    const scene = await openScene({ now: () => clock.now })
    const schedule = { schedule: '0 7 * * *', mission: 'look at the alerts' }
    const id = await scene.spawn(['sleep', '4005'], schedule)
    const { book } = scene.engine.here.ports
    const ports = { store: scene.store, book, now: () => clock.now }
    await giveStanding(ports, id)
    await giveStanding(ports, id)
    const [mission, ...more] = await missions(scene.store.db, {})
    expect(mission).toMatchObject({ to_agent: id, title: 'look at the alerts', status: 'pending' })
    expect(more).toEqual([])
    const tellTasks = openTaskWatch(ports)
    clock.now = new Date('2026-11-21T07:00:09Z')
    const claimed = await actOnMissions(scene.store, 'claim', { as: id }, id, clock.now)
    clock.now = new Date('2026-11-21T07:00:19Z')
    const report = { mission: mission?.mission_id, as: id, claim: claimed.missions[0]?.claim }
    await actOnMissions(scene.store, 'complete', report, id, clock.now)
    await tellTasks()
    await tellTasks()
    expect(await scene.happened(id)).toEqual(['spawn', 'task_start', 'task_complete'])
    expect((await topic(scene)).standing).toMatchObject({ agents: 1 })
  })

  test('everything that happened is in the stream of changes', async () => {
    const scene = await openScene()
    const id = await scene.spawn(['sleep', '4006'])
    await scene.act('agent.stop', { agent: id })
    const plan = { machines: [] }
    const { rows } = await readChanges(
      { db: scene.store.db, now: new Date(), plan },
      { since: new Date(0), limit: 100 },
    )
    const own = rows.filter((row) => row.type === 'engine' && row.subject === id)
    expect(own.map((row) => row.change)).toEqual(['spawn', 'stop'])
  })

  test.each([
    ['no such CLI', { cli: 'clode' }, 'bad_cli'],
    ['no such role', { role: 'king' }, 'unknown_role'],
    ['a relative folder', { cwd: 'here' }, 'bad_cwd'],
    ['a machine nobody knows', { machine: 'nowhere' }, null],
    ['a generic agent without a command', { args: [] }, 'no_command'],
    ['a schedule without a mission', { schedule: '0 7 * * *' }, 'no_mission'],
    ['a schedule that is none', { schedule: 'often', mission: 'x' }, 'bad_schedule'],
    [
      'a secret among its words',
      { args: ['sh', 'sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123456789'] },
      'secret_in_args',
    ],
    ['too many at once', { count: 51 }, 'bad_count'],
  ])('a wish with %s is refused and starts nothing', async (_, over, code) => {
    const scene = await openScene()
    const wish = { machine: 'here', cli: 'generic', cwd: '/', args: ['true'], ...over }
    if (code === null) expect(await scene.act('agent.spawn', wish)).toMatchObject({ outcome: 'refused' })
    else await expect(scene.act('agent.spawn', wish)).rejects.toMatchObject({ code })
    expect(scene.engine.here.ports.book.all()).toEqual([])
  })
})
