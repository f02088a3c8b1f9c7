import { mkdirSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { AskRequest } from '../../../src/core/carrier.ts'
import { usageError, VcError } from '../../../src/core/errors.ts'
import { acquireLock } from '../../../src/store/index.ts'
import { vc } from '../fake-cli.ts'
import { fakeReader, newHome, RUNNING } from '../fake-cockpit.ts'

let home: ReturnType<typeof newHome>
beforeEach(() => {
  home = newHome()
})
afterEach(() => home.leave())

const finding = (level: string, says: string, fix: string | null = null) => ({
  level,
  machine: 'atlas',
  topic: 't',
  says,
  fix,
})

// One machine asks the fleet alone; without -m the doctor looks around on this very machine, too.
const doctor = async (
  argv: readonly string[],
  findings: readonly object[],
  running: typeof RUNNING | null = RUNNING,
) => {
  const { reader, asked, closed } = fakeReader({ doctor: { findings, as_of: '2026-11-20T08:00:00Z' } })
  const parts = { ...home.parts, openReader: async () => reader, pingDaemon: async () => running }
  const said = await vc(['doctor', '-m', 'atlas', ...argv], parts)
  expect([closed(), asked]).toEqual([1, [{ topic: 'doctor', params: { machine: 'atlas' } }]])
  return said
}

test('says who collects, then each finding with its sign and its fix', async () => {
  const said = await doctor([], [finding('warn', 'clock is 9 s off', 'set the clock'), finding('ok', 'disk is fine')])
  expect(said).toEqual({
    exit: 0,
    err: '',
    out: '✓ daemon: pid 4711, since 2026-11-20T08:00:00.000Z\n▲ atlas: clock is 9 s off\n    → set the clock\n✓ atlas: disk is fine\n',
  })
})

test('without a daemon that is the first thing said, with the way out', async () => {
  const { out } = await doctor([], [], null)
  expect(out).toBe('▲ daemon: none answers, so nothing is being collected → vc daemon --detach\n')
})

test('a daemon that owns the store and is silent is named: another could not be started beside it', async () => {
  const { dataDir } = (await home.parts.loadConfig(undefined)).paths
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const lock = await acquireLock(dataDir)
  try {
    const { out } = await doctor([], [], null)
    expect(out.replace(/ \([^)]*\)/, '')).toBe(
      `✗ daemon: process ${process.pid} owns ${dataDir} but does not answer → it may be busy: look again in a moment; if it stays silent: vc daemon stop\n`,
    )
  } finally {
    await lock.release()
  }
})

test('exit 1 when something is broken, in both formats; words of machines cannot move the cursor', async () => {
  const bad = [finding('bad', 'no \u001b[2Jkey')]
  const table = await doctor([], bad)
  expect([table.exit, table.out.includes('\u001b')]).toEqual([1, false])
  const json = await doctor(['--json'], bad)
  expect(json.exit).toBe(1)
  expect(JSON.parse(json.out)).toMatchObject({ topic: 'doctor', here: [], data: { findings: [{ level: 'bad' }] } })
})

test('a name that is wrong is refused before anything is printed that would look like an answer about it', async () => {
  const refusal = usageError('unknown_machine', 'no machine is called “atls”; did you mean atlas?', 'machines: atlas')
  const { reader, closed } = fakeReader({ doctor: refusal })
  const parts = { ...home.parts, openReader: async () => reader, pingDaemon: async () => RUNNING }
  const said = await vc(['doctor', '-m', 'atls'], parts)
  expect(said).toMatchObject({ exit: 2, out: '', err: expect.stringContaining('did you mean atlas?') })
  expect(closed()).toBe(1)
  // What else keeps it from answering stands below who runs.
  const silent = fakeReader({ doctor: new VcError('daemon_silent', 'it does not answer', 'wait') }).reader
  const told = await vc(['doctor', '-m', 'atlas'], { ...parts, openReader: async () => silent })
  expect(told).toMatchObject({ exit: 1, out: expect.stringMatching(/^✓ daemon: /) })
})

test('an answer of another shape is an error, not an all-clear', async () => {
  expect((await doctor([], [{ level: 'splendid' }])).exit).toBe(1)
})

test('that nothing new is kept is said here, too; what a finding tells is not said twice', async () => {
  const { reader } = fakeReader({ doctor: { findings: [], as_of: '2026-11-20T08:00:00Z' } })
  const warnings = ["store_disk_fails: the disk of vc's own data fails (look at dmesg)", 'stale: old (vc doctor)']
  const openReader = async () => ({
    ...reader,
    ask: async (asked: AskRequest) => ({ ...(await reader.ask(asked)), warnings }),
  })
  const said = await vc(['doctor', '-m', 'atlas'], { ...home.parts, openReader, pingDaemon: async () => RUNNING })
  expect(said.err).toBe("vc: note: store_disk_fails: the disk of vc's own data fails (look at dmesg)\n")
})

test('a file that is refused is a finding beside those of the daemon that goes on; without a daemon it is the answer', async () => {
  home.configure('[[machines]]\nid = "atlas"\nssh = "local"\ntagz = []\n')
  const { reader } = fakeReader({
    doctor: { findings: [finding('warn', 'clock is 9 s off')], as_of: '2026-11-20T08:00:00Z' },
  })
  const parts = { ...home.parts, runningReader: async () => reader, pingDaemon: async () => RUNNING }
  const beside = await vc(['doctor'], parts)
  expect(beside).toMatchObject({ exit: 1, err: '' })
  expect(beside.out).toMatch(/^✓ daemon: pid 4711.*\n✗ the configuration is refused, .*unknown key 'tagz'.*\n.*vc config lint\n▲ atlas: clock/)
  const alone = await vc(['doctor'], home.parts)
  expect(alone).toMatchObject({ exit: 2, out: '', err: expect.stringContaining("unknown key 'tagz'") })
}) // biome-ignore format: one expression
