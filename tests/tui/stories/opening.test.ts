import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { shellQuoted } from '../../../src/core/shell-word.ts'
import { hasProgram } from '../../programs.ts'
import { type Drive, openDrive, type Pane, paneOf } from '../drive.ts'

const BIN = join(import.meta.dirname, '../../../bin/vc.js')

// What stands behind the command runs when the terminal is the shell's again: its modes are those the command left.
const AFTER =
  'printf "left %s:" "$?"; stty -a | tr " ;" "\\n\\n" | grep -x -e "-*echo" -e "-*icanon" | tr "\\n" " "; echo; exec sleep 100000'
const RESTORED = /^left 0:(?=.*\bicanon)(?=.*\becho)(?!.*-icanon)(?!.*-echo)/m

/** SGR codes that choose a colour, of letters or of the ground. */
const COLOUR = /\u001b\[(?:[0-9;]*;)?(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])[;m]/

interface Shell extends Pane {
  /** The screen with its colours. */
  styled(): Promise<string>
  /** The screen and what moved out of it. */
  history(): Promise<string>
}

/** The process that this one started last. */
const childOf = (pid: number): number => {
  const parentOf = (other: number): number => {
    try {
      return Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${other}/stat`, 'utf8'))?.[1])
    } catch {
      return 0
    }
  }
  const pids = readdirSync('/proc').map(Number)
  return Math.max(...pids.filter((other) => other > 0 && parentOf(other) === pid))
}

describe.runIf(hasProgram('tmux'))('ways of opening the cockpit', { timeout: 300_000 }, () => {
  let drive: Drive
  const opened: Pane[] = []
  beforeAll(async () => {
    drive = await openDrive()
  }, 180_000)
  afterEach(async () => {
    for (const pane of opened.splice(0)) await pane.close()
  })
  afterAll(() => drive.close(), 60_000)

  /** A shell in a terminal of its own that runs one vc command, and tells afterwards how that left the terminal. */
  const shell = async (
    argv: readonly string[],
    { env = {}, before = '' }: { env?: Readonly<Record<string, string>>; before?: string } = {},
  ): Promise<Shell> => {
    const set = Object.entries({ ...drive.env, TERM: 'tmux-256color', ...env }).map(
      ([name, value]) => `${name}=${shellQuoted(value)}`,
    )
    const command = `${before}${[process.execPath, BIN, ...argv].map(shellQuoted).join(' ')}; ${AFTER}`
    const started = await drive.tmux(
      'new-session', '-d', '-P', '-F', '#{pane_id}', '-x', '110', '-y', '40', `exec env -i ${set.join(' ')} sh -c ${shellQuoted(command)}`,
    ) // biome-ignore format: words
    const id = started.trim()
    await drive.tmux('resize-window', '-t', id, '-x', '110', '-y', '40')
    const pane = paneOf(drive.tmux, id)
    opened.push(pane)
    const capture = (...how: readonly string[]) => drive.tmux('capture-pane', ...how, '-p', '-t', id)
    return { ...pane, styled: () => capture('-e'), history: () => capture('-S', '-') }
  }

  /** A home where nothing of vc was before. */
  const newHome = (name: string) => {
    const home = join(drive.home, name)
    mkdirSync(join(home, 'tmp'), { recursive: true })
    return { home, env: { HOME: home, TMPDIR: join(home, 'tmp') } }
  }
  const leftIn = (home: string): readonly string[] =>
    readdirSync(home, { recursive: true, encoding: 'utf8' }).filter((path) => /vc\.sock$|vc-demo-|\.duckdb/.test(path))

  test.each([
    ['q', 'q'],
    ['Ctrl-C', 'C-c'],
  ])('vc up shows the fleet once as a table, opens the cockpit over it, and %s ends both', async (_, key) => {
    const { home, env } = newHome(`up-${key}`)
    const pane = await shell(['up', '--demo'], { env })
    await pane.shows(/machines {2}health \d/)
    await pane.shows(/\[1 Overview\]/)
    expect(await pane.terminal()).toMatchObject({ alternate: true, cursor: false, mouse: true })
    // Its own daemon part answers: the fleet is on the screen, and its socket is there.
    await pane.has(/borg/)
    expect(leftIn(home).some((path) => path.endsWith('vc.sock'))).toBe(true)
    await pane.press(key)
    await pane.shows(RESTORED)
    expect(await pane.terminal()).toMatchObject({ alternate: false, cursor: true, mouse: false })
    // The table stands where the shell was, also afterwards.
    const left = await pane.history()
    expect(left).toMatch(/^MACHINE +STATUS.*^borg +\w+.*The cockpit opens now/ms)
    expect(left).not.toMatch(/Overview|health/)
    expect(leftIn(home)).toEqual([])
  })

  test('where vc runs already, vc up is one more window to it: leaving it ends nothing else', async () => {
    const pane = await shell(['up', '--config', drive.config])
    await pane.shows(/machines {2}health \d/)
    await pane.press('q')
    await pane.shows(RESTORED)
    expect(await pane.terminal()).toMatchObject({ alternate: false, mouse: false })
    expect(await drive.vc('status')).toMatch(/^borg +online/m)
  })

  test('stopped from elsewhere it gives the terminal back, and takes it again when it goes on', async () => {
    // Below a shell: tmux lets a program of its own go on at once.
    const pane = await shell(['tui', '--config', drive.config])
    await pane.shows(/machines {2}health \d/)
    const pid = childOf(await pane.pid())
    process.kill(pid, 'SIGTSTP')
    const has = (what: object) => vi.waitFor(async () => expect(await pane.terminal()).toMatchObject(what), 20_000)
    await has({ alternate: false, mouse: false })
    process.kill(pid, 'SIGCONT')
    await has({ alternate: true, mouse: true })
    await pane.press('3')
    await pane.shows(/\[3 Agents\]/)
    await pane.press('q')
    await pane.shows(RESTORED)
  })

  test('--inline takes some rows below the prompt, and what stood above stays', async () => {
    const pane = await shell(['tui', '--inline', '18', '--config', drive.config], { before: 'echo the line above; ' })
    const shown = await pane.shows(/machines {2}health \d/)
    expect(shown.split('\n')[0]).toBe('the line above')
    expect(shown.split('\n').findIndex((line) => /health \d/.test(line))).toBe(40 - 18)
    // The terminal's own buffer and its mouse: what is above can be scrolled to and marked as always.
    expect(await pane.terminal()).toMatchObject({ alternate: false, mouse: false })
    await pane.press('3')
    await pane.shows(/─ Agents ─/)
    await pane.press('q')
    await pane.shows(RESTORED)
    // What was above moved up by the lines that came below the last picture.
    const left = await pane.history()
    expect(left).toMatch(/^the line above\n/)
    expect(left.search(/─ Agents ─/)).toBeGreaterThan(0)
    expect(left.search(RESTORED)).toBeGreaterThan(left.search(/─ Agents ─/))
  })

  test('NO_COLOR: no colour is written, not even those of an agent’s own screen', async () => {
    const capture = async (env: Readonly<Record<string, string>>): Promise<string> => {
      const pane = await shell(['tui', '--screen', 'agents', '--config', drive.config], { env })
      // The live screen of the agent that waits stands in the panel beside the list.
      await pane.shows(/Do you want to/)
      return pane.styled()
    }
    expect(await capture({})).toMatch(COLOUR)
    const plain = await capture({ NO_COLOR: '1' })
    expect(plain).not.toMatch(COLOUR)
    expect(plain).toMatch(/\u001b\[(?:[0-9;]*;)?[17]m/)
  })
})
