// A cockpit nobody runs, and a machine that fell silent: one thing to say each, not one per source.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { answer, queries } from '../../src/queries/index.ts'
import { NOW, planOf, run, seededStore } from './seeded-store.ts'

let seeded: Awaited<ReturnType<typeof seededStore>>
beforeAll(async () => {
  seeded = await seededStore()
})
afterAll(() => seeded.close())

const THREE_HOURS_MS = 3 * 3_600_000 + 60_000
const plan = planOf(['atlas', 'borg', 'coyote'])
const ask = (topic: string, now: Date, since: { readonly lookingSince?: Date } = {}) =>
  answer(queries, { topic, params: {} }, { db: seeded.store.db, now, plan, ...since })

interface Finding {
  readonly level: string
  readonly machine: string | null
  readonly topic: string
  readonly says: string
}
/** `forS`: seconds for which a daemon has been looking; absent: none does. */
const reachOf = async (now: Date, forS?: number): Promise<readonly Finding[]> => {
  const since = forS === undefined ? {} : { lookingSince: new Date(now.getTime() - forS * 1000) }
  const { findings } = (await ask('doctor', now, since)).data as { findings: readonly Finding[] }
  return findings.filter(({ topic }) => topic === 'reach' || topic === 'source')
}

test('without a daemon for three hours: doctor says that once, and real faults beside it', async () => {
  const found = await reachOf(new Date(NOW.getTime() + THREE_HOURS_MS))
  expect(found.filter(({ machine }) => machine === null)).toMatchObject([
    { says: 'nothing has been collected for 3 h; all that is shown is that old or older' },
  ])
  expect(found.filter(({ machine }) => machine !== null)).toMatchObject([
    { machine: 'coyote', says: expect.stringContaining('connection refused') },
  ])
})

test('a daemon that just began is not blamed for the time before: its first look is under way', async () => {
  const later = new Date(NOW.getTime() + THREE_HOURS_MS)
  const young = (await reachOf(later, 5)).filter(({ machine }) => machine !== 'coyote')
  expect(young).toMatchObject([
    {
      level: 'warn',
      says: 'vc began to look 5 s ago, and its first look is under way: until it ends all that is shown is 3 h old or older',
    },
  ])
  const [old] = await reachOf(later, 600)
  expect(old).toMatchObject({ level: 'bad', says: expect.stringMatching(/^nothing has been collected for 3 h/) })
})

test('nobody is told to start a daemon that just began, and who looks for long and sees nothing is told of', async () => {
  const later = new Date(NOW.getTime() + THREE_HOURS_MS)
  const first = async (forS: number) => {
    const { data } = await ask('triage', later, { lookingSince: new Date(later.getTime() - forS * 1000) })
    return (data as { recommendations: { id: string }[] }).recommendations.map(({ id }) => id)
  }
  expect(await first(5)).not.toContain('nothing_looked')
  expect(await first(1_000)).toContain('nothing_looked')
})

test('without a daemon for three hours: machines read as old', async () => {
  const { data } = await ask('status', new Date(NOW.getTime() + THREE_HOURS_MS))
  const issues = (data as { machines: { id: string; top_issue: string }[] }).machines.map((m) => [m.id, m.top_issue])
  expect(Object.fromEntries(issues)).toEqual({
    atlas: 'last answer 3 h ago',
    borg: 'last answer 3 h ago',
    coyote: 'never reached',
  })
})

test('one machine that fell silent while others are looked at is one finding', async () => {
  const later = new Date(NOW.getTime() + THREE_HOURS_MS)
  const startedAt = new Date(later.getTime() - 5_000)
  for (const source of ['probe', 'tmux', 'claude', 'git'])
    await seeded.store.append(run('atlas', source, 0, [], { startedAt }))
  await seeded.store.flush()
  const found = await reachOf(later)
  expect(found.filter(({ machine }) => machine !== 'coyote')).toMatchObject([
    { machine: 'borg', says: 'none of its 4 sources that are due has answered for 3 h' },
  ])
  const young = (await reachOf(later, 5)).filter(({ machine }) => machine !== 'coyote')
  expect(young).toMatchObject([
    {
      level: 'warn',
      machine: null,
      says: 'vc began to look 5 s ago, and its first look at borg is under way: what is shown is from before',
    },
  ])
  expect(await reachOf(later, 600)).toEqual(found)
})

test('what a source warns of is told with its name, once', async () => {
  const warnings = ['claude: one transcript is UTF-16', 'homes lack'].map((message) => ({
    code: 'c',
    message,
    fix: 'f',
  }))
  await seeded.store.append(run('atlas', 'claude', 0, [], { startedAt: NOW, warnings }))
  await seeded.store.flush()
  const told = (await reachOf(NOW)).filter(({ topic, machine }) => topic === 'source' && machine === 'atlas')
  expect(told.map(({ says }) => says)).toEqual(['claude: one transcript is UTF-16', 'claude: homes lack'])
})
