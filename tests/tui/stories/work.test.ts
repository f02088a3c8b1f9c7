import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, type TestContext, test } from 'vitest'
import { hasProgram } from '../../programs.ts'
import { type Drive, openDrive, type Pane } from '../drive.ts'

const LONG = { timeout: 300_000 }
const SIZE = { columns: 160, rows: 48 }

/** How often this test was tried before: what it left in the store is still there. */
const triesBefore = ({ task }: TestContext): number => task.result?.retryCount ?? 0

describe.runIf(hasProgram('tmux'))('work, money and the past on the screens of the played fleet', () => {
  let drive: Drive
  let vc: Pane

  beforeAll(async () => {
    drive = await openDrive()
  }, 180_000)
  beforeEach(async () => {
    vc = await drive.cockpit({ size: SIZE })
    await vc.shows(/machines {2}health \d/)
  }, 180_000)
  afterEach(() => vc.close())
  afterAll(() => drive.close(), 60_000)

  const search = async (words: string): Promise<void> => {
    await vc.press('/')
    await vc.shows(/─ Search on this screen ─/)
    await vc.type(words)
    await vc.press('Enter')
    await vc.hides(/─ Search on this screen ─/)
  }

  test('the checkout that nobody saved stands first, and Enter goes down to its agents', LONG, async () => {
    await vc.press('5')
    await vc.shows(/▲ atlas +limits +main +dirty/)
    await vc.has(/│✓ .*billing/)
    await search('limits')
    await vc.has(/┌─ limits on atlas ─/)
    await vc.press('Enter')
    await vc.shows(/\[3 Agents\]/)
    const agents = await vc.has(/[!@*x~?] atlas\/claude-\w+/)
    expect(agents).not.toMatch(/[!@*x~?] borg\/claude/)
    await vc.press('Escape')
    await vc.shows(/\[5 Repos\]/)
    await vc.press('Escape')
    await vc.shows(/│✓ .*billing/)
  })

  test('a blocked bead says what it waits on, and the critical path what comes first', LONG, async () => {
    await vc.press('6')
    await vc.shows(/lim-a1 → lim-b2 → lim-c3/)
    await vc.has(/Backlog ─+ 3 free 6 blocked/)
    await vc.has(/Tickets before the weekend +█+/)
    await search('lim-b2')
    await vc.press('Enter')
    await vc.shows(/waits on lim-a1/)
    await vc.press('Escape')
    await vc.hides(/waits on lim-a1/)
  })

  test('on a narrow screen the board becomes one list with its lanes', LONG, async () => {
    await vc.press('6')
    await vc.shows(/┌─ Hooked ─/)
    await vc.resize({ columns: 80, rows: 24 })
    await vc.shows(/○ Backlog +P0 shop-1/)
    await vc.resize(SIZE)
    await vc.shows(/┌─ Hooked ─/)
  })

  test('a message that waits for an acknowledgement stands first and tells whose', LONG, async () => {
    await vc.press('7')
    await vc.shows(/! +\d+ [mh] BlueLake +Review of the schema needed +ack: GreenCastle/)
    await vc.has(/src\/parser\/\*\* +GreenCastle +alone/)
    await vc.press('Enter')
    await vc.shows(/not acknowledged by GreenCastle/)
  })

  test('the stream of events is narrowed by type, by severity and by a word', LONG, async () => {
    await vc.press('8')
    await vc.shows(/Events of 24 h ─+ every type \d/)
    await vc.press('s', 's', 's')
    await vc.shows(/Events of 24 h ─+ guard \d/)
    const guards = await vc.has(/refused git in/)
    expect(guards).not.toMatch(/is online/)
    await vc.press('w')
    await vc.shows(/guard, warning at least/)
    await vc.has(/│▲ .*reset-hard/)
    await search('rm-rf')
    const found = await vc.has(/│▲ .*rm-rf/)
    expect(found).not.toMatch(/│▲ .*reset-hard/)
    await vc.press('Escape')
    await vc.shows(/│▲ .*reset-hard/)
  })

  test('an alert is acknowledged from the stream, and everybody sees that it was', LONG, async () => {
    await vc.press('8')
    await vc.shows(/Events of 24 h ─+ every type \d/)
    await vc.press('s', 'w')
    await vc.shows(/Events of 24 h ─+ alert, warning at least \d/)
    await search('5.0 % free')
    await vc.has(/│▲ .*borg \/ has 5\.0 % free/)
    await vc.press('a')
    await vc.shows(/acknowledged: borg \/ has 5\.0 % free/)
    await vc.press('Escape')
    await vc.hides(/acknowledged: /)
    expect(await drive.vc('alert', 'show', 'disk_low:borg:/', '--json')).toMatch(/"acked_at":\s*"20/)
  })

  test('an incident is replayed: every screen shows the past, says so, and comes back', LONG, async () => {
    await vc.press('g', 'i')
    await vc.shows(/\[gi Incidents\]/)
    await vc.has(/fenrir offers another host key/)
    await search('borg')
    await vc.has(/a filesystem of borg is full/)
    await vc.has(/now +< > step by events/)
    await vc.press('Enter')
    await vc.shows(/THE PAST/)
    await vc.has(/the whole cockpit shows 20\d\d-/)
    await vc.press('<')
    await vc.press('5')
    await vc.shows(/\[5 Repos\]/)
    await vc.has(/THE PAST/)
    await vc.press('\\')
    await vc.hides(/THE PAST/)
    await vc.press('g', 'i')
    await vc.shows(/\[gi Incidents\]/)
    await vc.press('Escape')
    await vc.shows(/fenrir offers another host key/)
  })

  test('a note on an incident is written down and read again', LONG, async (context) => {
    const note = `its key was changed on purpose, ${triesBefore(context)}`
    await vc.press('g', 'i')
    await vc.shows(/\[gi Incidents\]/)
    await vc.has(/fenrir offers another host key/)
    await search('fenrir')
    await vc.press('w')
    await vc.shows(/─ write a note ─/)
    await vc.type(`- ${note}`)
    await vc.press('Enter')
    await vc.shows(/is (open|calm): fenrir offers/)
    await vc.press('Escape')
    await vc.hides(/is (open|calm): fenrir offers/)
    await vc.has(new RegExp(note))
  })

  test(
    'a key of vc.toml is edited through lint: a wrong value is refused with its fix, a right one comes in force',
    LONG,
    async (context) => {
      const value = 6 + triesBefore(context)
      await vc.press('g', 'o')
      await vc.shows(/claude +setting +model +· +sonnet/)
      await vc.press('s')
      await vc.shows(/┌─ vc\.toml ─/)
      await search('max_collectors')
      await vc.has(/┌─ \[polling\] max_collectors_in_flight_per_machine/)
      await vc.press('e')
      await vc.shows(/┌─ polling\.max_collectors_in_flight_per_machine \(a whole number/)
      await vc.type('many')
      await vc.press('Enter')
      await vc.shows(/fix: for example: vc config set polling\.max_collectors/)
      await vc.press('Escape')
      await vc.hides(/fix: for example: vc config set polling\.max_collectors/)
      await vc.press('e')
      await vc.shows(/┌─ polling\.max_collectors_in_flight_per_machine \(a whole number/)
      await vc.type(String(value))
      await vc.press('Enter')
      await vc.shows(/is written/)
      await vc.press('Escape')
      await vc.hides(/is written/)
      await vc.has(new RegExp(`● polling\\.max_collectors\\S+ +${value} +· +4`))
      expect(await drive.vc('config', 'show')).toContain(`max_collectors_in_flight_per_machine = ${value}`)
    },
  )

  test('money is counted by project and over the month with two keys', LONG, async () => {
    await vc.press('g', 'c')
    await vc.shows(/By model, week/)
    await vc.has(/claude-sonnet-4-5 +\$\d+\.\d\d/)
    await vc.press('s')
    await vc.shows(/By project, week/)
    await vc.has(/limits +\$\d/)
    await vc.press('w')
    await vc.shows(/By project, month/)
    await vc.has(/dev@example\S+ +anthropic +5h +\d+% +\$\d/)
  })

  test('the hours of the week are dark where the fleet works, by tokens and by cost', LONG, async () => {
    await vc.press('g', 'a')
    await vc.shows(/Tokens by hour and weekday, 4 weeks, UTC/)
    await vc.has(/busiest: \w{3} \d\d:00 UTC, [\d.]+M tokens/)
    await vc.press('s')
    await vc.shows(/busiest: \w{3} \d\d:00 UTC, \$[\d.]+ cost/)
  })

  test('the oracle says what is used up, and how right it was so far', LONG, async () => {
    await vc.press('9')
    await vc.shows(/\[9 Oracle\]/)
    await vc.has(/unknown@cygnus +5h +100% used up/)
    await vc.has(/95% cygnus\/gemini-\w+ +stalled/)
    // On a slow machine the fleet is played until the first horizon.
    await vc.has(/No forecast has reached its horizon yet|\d+ of \d+ with an outcome/)
    // Which limit stands first changes with the hour.
    await search('unknown@cygnus')
    await vc.press('Enter')
    await vc.shows(/advice: wait for reset/)
  })

  test('a mission is added here, claimed elsewhere, and seen to run', LONG, async (context) => {
    const title = `Free space on borg, ${triesBefore(context)}`
    await vc.press('g', 'm')
    await vc.shows(/\[gm Missions\]/)
    await vc.has(/No mission waits or runs|Free space on borg/)
    await vc.press('+')
    await vc.shows(/─ What is to be done/)
    await vc.type(title)
    await vc.press('Enter')
    const mission = /(m-\d+) is queued/.exec(await vc.shows(/m-\d+ is queued/))?.[1] ?? ''
    await vc.press('Escape')
    await vc.hides(/is queued/)
    await vc.has(new RegExp(`○ ready +standard +normal +${title}`))
    await drive.vc('mission', 'claim', '--as', 'borg/claude-lgxh', '--mission', mission)
    await vc.shows(new RegExp(`● running +standard +normal +${title} +general +borg/claude-lgxh +1/3`))
  })

  test('who waits is answered from the guardian; what the gate refuses is said and kept', LONG, async () => {
    await vc.press('0')
    await vc.shows(/! borg\/claude-\w+ +\d+ [sm] permission prompt/)
    const before = Number(/ (\d+) refused,/.exec(await vc.has(/Actions of 24 h ─.* \d+ refused,/))?.[1])
    await vc.press('n')
    await vc.shows(/─ vc agent reject borg\/claude-\w+ ─+ refused ┐/)
    await vc.press('Escape')
    await vc.hides(/─ vc agent reject /)
    await vc.has(new RegExp(` ${before + 1} refused,`))
    await vc.has(/refused +agent\.reject +borg\/claude-/)
  })
})
