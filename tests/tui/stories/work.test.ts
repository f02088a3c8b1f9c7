import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasProgram } from '../../programs.ts'
import { type Drive, openDrive, type Pane } from '../drive.ts'

const LONG = { timeout: 240_000 }
const SIZE = { columns: 160, rows: 48 }

describe.runIf(hasProgram('tmux'))('work, money and the past on the screens of the played fleet', () => {
  let drive: Drive
  let vc: Pane

  beforeAll(async () => {
    drive = await openDrive()
    vc = await drive.cockpit({ size: SIZE })
    await vc.shows(/Worst things first/)
  }, 180_000)
  afterAll(() => drive.close(), 60_000)

  const search = async (words: string): Promise<void> => {
    await vc.press('/')
    await vc.shows(/Search on this screen/)
    await vc.type(words)
    await vc.press('Enter')
    await vc.hides(/Search on this screen/)
  }

  test('the checkout that nobody saved stands first, and Enter goes down to its agents', LONG, async () => {
    await vc.press('5')
    await vc.shows(/▲ atlas +limits +main +dirty/)
    await search('limits')
    await vc.shows(/┌─ limits on atlas ─/)
    await vc.press('Enter')
    await vc.shows(/\[3 Agents\]/)
    await vc.shows(/atlas\/claude-\w+/)
    await vc.hides(/borg\/claude/)
    await vc.press('Escape')
    await vc.shows(/\[5 Repos\]/)
    await vc.press('Escape')
    await vc.press('X')
    await vc.shows(/│✓ .*billing/)
  })

  test('a blocked bead says what it waits on, and the critical path what comes first', LONG, async () => {
    await vc.press('6')
    await vc.shows(/lim-a1 → lim-b2 → lim-c3/)
    await vc.shows(/Backlog ─+ 3 free 6 blocked/)
    await vc.shows(/Tickets before the weekend +█+/)
    await search('lim-b2')
    await vc.press('Enter')
    await vc.shows(/waits on lim-a1/)
    await vc.press('Escape')
    await vc.hides(/waits on lim-a1/)
    await vc.press('Escape')
  })

  test('on a narrow screen the board becomes one list with its lanes', LONG, async () => {
    await vc.press('6')
    await vc.resize({ columns: 80, rows: 24 })
    await vc.shows(/○ Backlog +P0 shop-1/)
    await vc.resize(SIZE)
    await vc.shows(/┌─ Hooked ─/)
  })

  test('a message that waits for an acknowledgement stands first and tells whose', LONG, async () => {
    await vc.press('7')
    await vc.shows(/! +\d+ [mh] BlueLake +Review of the schema needed +ack: GreenCastle/)
    await vc.shows(/src\/parser\/\*\* +GreenCastle +alone/)
    await vc.press('Enter')
    await vc.shows(/not acknowledged by GreenCastle/)
    await vc.press('Escape')
  })

  test('the stream of events is narrowed by type, by severity and by a word', LONG, async () => {
    await vc.press('8')
    await vc.shows(/every type \d+/)
    await vc.press('s', 's', 's')
    await vc.shows(/Events of 24 h ─+ guard \d/)
    const guards = await vc.shows(/refused git in/)
    expect(guards).not.toMatch(/is online/)
    await vc.press('w')
    await vc.shows(/guard, warning at least/)
    await search('rm-rf')
    await vc.hides(/│▲ .*reset-hard/)
    await vc.shows(/│▲ .*rm-rf/)
    await vc.press('Escape')
    await vc.shows(/│▲ .*reset-hard/)
  })

  test('an alert is acknowledged from the stream, and everybody sees that it was', LONG, async () => {
    await vc.press('8')
    await vc.press('S', 'S')
    await vc.shows(/Events of 24 h ─+ alert, warning at least \d/)
    await search('5.0 % free')
    await vc.shows(/borg \/ has 5\.0 % free/)
    await vc.press('a')
    await vc.shows(/acknowledged: borg \/ has 5\.0 % free/)
    await vc.press('Escape')
    await vc.hides(/acknowledged: /)
    await vc.press('Escape')
    expect(await drive.vc('alert', 'show', 'disk_low:borg:/', '--json')).toMatch(/"acked_at":\s*"20/)
  })

  test('an incident is replayed: every screen shows the past, says so, and comes back', LONG, async () => {
    await vc.press('g', 'i')
    await vc.shows(/borg \/ has 5\.0 % free/)
    await search('borg')
    await vc.shows(/a filesystem of borg is full/)
    await vc.shows(/now +< > step by events/)
    await vc.press('Enter')
    await vc.shows(/THE PAST/)
    await vc.shows(/the whole cockpit shows 20\d\d-/)
    await vc.press('<')
    await vc.press('5')
    await vc.shows(/\[5 Repos\]/)
    await vc.shows(/THE PAST/)
    await vc.press('\\')
    await vc.hides(/THE PAST/)
    await vc.press('g', 'i')
    await vc.shows(/\[gi Incidents\]/)
    await vc.press('Escape')
    await vc.shows(/fenrir offers another host key/)
  })

  test('a note on an incident is written down and read again', LONG, async () => {
    await vc.press('g', 'i')
    await vc.shows(/fenrir offers another host key/)
    await search('fenrir')
    await vc.press('w')
    await vc.shows(/write a note/)
    await vc.type('- its key was changed on purpose')
    await vc.press('Enter')
    await vc.shows(/is (open|calm): fenrir offers/)
    await vc.press('Escape')
    await vc.shows(/its key was changed on purpose/)
  })

  test(
    'a key of vc.toml is edited through lint: a wrong value is refused with its fix, a right one comes in force',
    LONG,
    async () => {
      await vc.press('g', 'o')
      await vc.shows(/claude +setting +model +· +sonnet/)
      await vc.press('s')
      await vc.shows(/┌─ vc\.toml ─/)
      await vc.press('/')
      await vc.type('max_collectors')
      await vc.press('Enter')
      await vc.shows(/┌─ \[polling\] max_collectors_in_flight_per_machine/)
      await vc.press('e')
      await vc.shows(/a whole number from 1/)
      await vc.type('many')
      await vc.press('Enter')
      await vc.shows(/fix: for example: max_collectors/)
      await vc.press('Escape')
      await vc.press('e')
      await vc.type('6')
      await vc.press('Enter')
      await vc.shows(/is written/)
      await vc.press('Escape')
      await vc.shows(/● polling\.max_collectors\S+ +6 +· +4/)
      expect(await drive.vc('config', 'show')).toMatch(/max_collectors_in_flight_per_machine = 6/)
    },
  )

  test('money is counted by project and over the month with two keys', LONG, async () => {
    await vc.press('g', 'c')
    await vc.shows(/By model, week/)
    await vc.shows(/claude-sonnet-4-5 +\$\d+\.\d\d/)
    await vc.press('s')
    await vc.shows(/By project, week/)
    await vc.shows(/limits +\$\d/)
    await vc.press('w')
    await vc.shows(/By project, month/)
    await vc.shows(/dev@example\S+ +anthropic +5h +\d+% +\$\d/)
  })

  test('the hours of the week are dark where the fleet works, by tokens and by cost', LONG, async () => {
    await vc.press('g', 'a')
    await vc.shows(/Tokens by hour and weekday, 4 weeks, UTC/)
    await vc.shows(/busiest: \w{3} \d\d:00 UTC, [\d.]+M tokens/)
    await vc.press('s')
    await vc.shows(/busiest: \w{3} \d\d:00 UTC, \$[\d.]+ cost/)
  })

  test('the oracle says what is used up, and that nothing was scored yet', LONG, async () => {
    await vc.press('9')
    await vc.shows(/unknown@cygnus +5h +100% used up/)
    await vc.shows(/95% cygnus\/gemini-\w+ +stalled/)
    await vc.shows(/No forecast has reached its horizon yet/)
    await vc.press('Enter')
    await vc.shows(/advice: wait for reset/)
    await vc.press('Escape')
  })

  test('a mission is added here, claimed elsewhere, and seen to run', LONG, async () => {
    await vc.press('g', 'm')
    await vc.shows(/No mission waits or runs/)
    await vc.press('+')
    await vc.shows(/What is to be done/)
    await vc.type('Free space on borg')
    await vc.press('Enter')
    await vc.shows(/m-1 is queued/)
    await vc.press('Escape')
    await vc.shows(/○ ready +standard +normal +Free space on borg/)
    await drive.vc('mission', 'claim', '--as', 'borg/claude-lgxh')
    await vc.shows(/● running +standard +normal +Free space on borg +general +borg\/claude-lgxh +1\/3/)
  })

  test('who waits is answered from the guardian; what the gate refuses is said and kept', LONG, async () => {
    await vc.press('0')
    await vc.shows(/! borg\/claude-\w+ +\d+ [sm] permission prompt/)
    await vc.press('n')
    await vc.shows(/refused|only observed|may change nothing/)
    await vc.press('Escape')
    await vc.shows(/refused +agent\.reject +borg\/claude-/)
  })
})
