import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { reloadOutcome } from '../../src/cli/reload-daemon.ts'
import { vc } from './fake-cli.ts'
import { fakeReader, newHome, RUNNING } from './fake-cockpit.ts'

let home: ReturnType<typeof newHome>
beforeEach(() => {
  home = newHome()
})
afterEach(() => {
  home.leave()
  vi.restoreAllMocks()
})

const WAITS = 'config_not_loaded: vc.toml changed, and is not loaded: it adds borg (vc config reload)'
const REFUSED = 'config_refused: the configuration is refused, and the daemon goes on (vc config lint)'

/** Answers with these warnings in turn, the last of them again and again. */
const saying = (...said: readonly (readonly string[])[]) => {
  const { reader } = fakeReader({ health: {} })
  let turn = 0
  const ask: typeof reader.ask = async (request) => ({
    ...(await reader.ask(request)),
    warnings: said[Math.min(turn++, said.length - 1)] ?? [],
  })
  return { ...reader, ask }
}

test('what became of a reload is asked until it is said', async () => {
  const waits: number[] = []
  const wait = async (ms: number) => waits.push(ms)
  expect(await reloadOutcome(saying([WAITS], [WAITS], []), wait)).toEqual({ is: 'taken' })
  expect(waits).toHaveLength(2)
  expect(await reloadOutcome(saying([WAITS], [REFUSED]), wait)).toEqual({ is: 'refused', says: REFUSED })
  expect(await reloadOutcome(saying([WAITS]), wait)).toBeNull()
})

const run = async (argv: readonly string[], warnings: readonly string[] = []) => {
  const kill = vi.spyOn(process, 'kill').mockReturnValue(true)
  const parts = {
    ...home.parts,
    pingDaemon: async () => ({ ...RUNNING, build: 'same' }),
    ownBuild: async () => 'same',
    runningReader: async () => saying(warnings),
  }
  // The file is named: an edit would look for it in the home of whoever runs the tests.
  const said = await vc(['--config', join(home.home, '.config/vc/vc.toml'), ...argv], parts)
  const signals = [...kill.mock.calls]
  kill.mockRestore()
  return { ...said, signals }
}
const HUP = [[RUNNING.pid, 'SIGHUP']]

test('a machine can be added and taken up in one go, and what was seen of that is printed', async () => {
  home.configure('[[machines]]\nid = "atlas"\nssh = "local"\n')
  const added = await run(['machines', 'add', 'borg', 'borg.example.net', '--reload'])
  expect(added).toMatchObject({ exit: 0, signals: HUP })
  expect(added.out).toMatch(
    /^added 'borg' .*\nnext: vc machines probe borg\nthe daemon \(pid 4711\) goes by the file as it is now\n$/,
  )
  const off = await run(['machines', 'disable', 'borg', '--reload', '--json'])
  expect(off).toMatchObject({ exit: 0, signals: HUP, err: 'vc: the daemon (pid 4711) goes by the file as it is now\n' })
  expect(JSON.parse(off.out)).toMatchObject({ id: 'borg', enabled: false, changed: true })
})

test('without being asked to nobody reloads', async () => {
  home.configure('[[machines]]\nid = "atlas"\nssh = "local"\n')
  expect((await run(['machines', 'add', 'borg'])).signals).toEqual([])
})

test('a reload that is refused is a failure', async () => {
  const said = await run(['config', 'reload'], [REFUSED])
  expect(said).toMatchObject({
    exit: 1,
    signals: HUP,
    out: expect.stringContaining(`did not take the file up: ${REFUSED}`),
  })
})
