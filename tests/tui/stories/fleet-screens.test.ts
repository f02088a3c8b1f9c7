import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { hasProgram } from '../../programs.ts'
import { type Drive, openDrive, type Pane } from '../drive.ts'

const LARGE = { columns: 160, rows: 48 }

describe.runIf(hasProgram('tmux'))('the screens of the fleet, over played machines', { timeout: 300_000 }, () => {
  let drive: Drive
  let pane: Pane | null = null
  beforeAll(async () => {
    drive = await openDrive()
  }, 180_000)
  afterEach(async () => {
    await pane?.close()
    pane = null
  })
  afterAll(() => drive.close(), 60_000)

  const at = async (screen: string): Promise<Pane> => {
    pane = await drive.cockpit({ size: LARGE, argv: ['--screen', screen] })
    return pane
  }

  test('one look tells which machines answer, who waits for a person and what to do first', async () => {
    const vc = await at('overview')
    await vc.shows(/machines 4 of 6 fresh \(2 never reached\)/)
    await vc.shows(/● borg +\d+ s +!/)
    await vc.shows(/borg \/ has 5\.0 % free/)
    await vc.shows(/unknown@cygnus 5h +used up +resets in/)
  })

  test('the way down: from the fleet to a machine, to its agent, and to the evidence for its state', async () => {
    const vc = await at('overview')
    await vc.shows(/● borg/)
    await vc.press('/')
    await vc.type('borg')
    await vc.press('Enter')
    await vc.hides(/● eris/)
    await vc.press('m')
    await vc.shows(/┌─ borg ─/)
    await vc.shows(/! claude-\w+ +needs approval/)
    await vc.focus(/^Agents/)
    await vc.press('Enter')
    await vc.shows(/Evidence: needs approval/)
    await vc.shows(/✓ ! needs approval +claude\.registry/)
    await vc.shows(/ {2}@ working +claude\.transcript/)
  })

  test('a machine that never answered says so in words, and no number is made up', async () => {
    const vc = await at('machine')
    await vc.shows(/\? dione unknown +never seen/)
    const seen = await vc.shows(/It never answered, so nothing is known of it\./)
    expect(seen).toMatch(/mem ·+ +\?/)
    await vc.press('.')
    await vc.shows(/\? fenrir unknown .*host_key_changed/)
  })

  test('an agent that vc only watches is not approved, and the words say how it would be', async () => {
    const vc = await at('agents')
    await vc.shows(/! borg\/claude-\w+ +needs approval/)
    await vc.press('y')
    await vc.shows(/vc only watches it \(observed\); vc agent adopt borg\/claude-/)
  })

  test('who waits is found by one key, whatever is chosen', async () => {
    const vc = await at('agents')
    await vc.shows(/Evidence: needs approval/)
    await vc.press('N')
    await vc.shows(/Evidence: asked a question/)
    await vc.press('N')
    await vc.shows(/Evidence: needs approval/)
  })

  test('a search narrows the agents and lets go of them', async () => {
    const vc = await at('agents')
    await vc.shows(/atlas\/opencode/)
    await vc.press('/')
    await vc.type('gemini')
    await vc.press('Enter')
    await vc.hides(/atlas\/opencode/)
    await vc.shows(/cygnus\/gemini-\w+ +stalled/)
    await vc.press('Escape')
    await vc.shows(/atlas\/opencode/)
  })

  test('the accounts say what is used up, until when, and which to go on with', async () => {
    const vc = await at('accounts')
    await vc.shows(/unknown@cygnus +5h +█+ +100% +in \d+ m +used up/)
    await vc.shows(/anthropic: spare@example\.org 78% free/)
    await vc.press('j')
    await vc.shows(/┌─ \w+@example\.org (5h|7d) ─/)
  })

  test('a session leads to the agent that sits in it', async () => {
    const vc = await at('overview')
    await vc.shows(/Worst things first/)
    await vc.press('g', 's')
    await vc.shows(/Sessions active in 24 h/)
    await vc.shows(/in it +\w+\/\w+-\w+, /)
    const agent = /in it +(\S+),/.exec(await vc.text())?.[1] ?? 'nobody'
    await vc.press('Enter')
    await vc.shows(new RegExp(`┌─ . ${agent} ─`))
  })

  test('the doctor runs what mends a finding, and shows what came of it', async () => {
    const vc = await at('doctor')
    await vc.shows(/✗ dione +reach/)
    await vc.press('x')
    await vc.shows(/┌─ vc machines probe dione ─+ (exit \d+|done|refused|timed out) ┐/)
  })

  test('a small window shows one part at a time and grows again', async () => {
    const vc = await at('machine')
    await vc.shows(/Collectors/)
    await vc.resize({ columns: 60, rows: 18 })
    await vc.shows(/Agents \(1 of 6, Space: next\)/)
    await vc.press('Space')
    await vc.shows(/Filesystems and pressure \(2 of 6/)
    await vc.resize(LARGE)
    await vc.shows(/Collectors[^\n]*Tools and versions/)
  })

  test('secrets of MCP servers stay masked, their names do not', async () => {
    const vc = await at('mcp')
    const seen = await vc.shows(/TICKETS_TOKEN=••••/)
    expect(seen).toMatch(/X-Api-Key: ••••/)
  })
})
