import { copyFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { vc } from '../fake-cli.ts'
import { fakeCockpit, fakeReader, newHome, RUNNING, runOf, STORED, signalSoon } from '../fake-cockpit.ts'

let home: ReturnType<typeof newHome>
beforeEach(() => {
  home = newHome()
})
afterEach(() => home.leave())

const BOTH = [
  [runOf('atlas', 'probe'), STORED],
  [runOf('borg', 'probe', { up: false, fault: 'unreachable' }), STORED],
] as const

const up = (argv: readonly string[], parts: Parameters<typeof vc>[1]) =>
  vc(['up', '--no-tui', ...argv], { ...home.parts, ...parts })

test('looks, shows the fleet, says where things are, stays, and stops when asked', async () => {
  const cockpit = fakeCockpit(BOTH)
  signalSoon('SIGINT', () => cockpit.did.includes('judge'))
  const said = await up([], { startCockpit: cockpit.startCockpit })
  expect(said).toMatchObject({ exit: 0, err: '' })
  expect(said.out).toMatch(/^MACHINE .*WRONG FIRST\natlas /)
  expect(said.out).toContain(
    `data    ${home.home}/.local/share/vc\nsocket  /run/vc.sock\nconfig  ${home.home}/.config/vc/vc.toml\n`,
  )
  expect(said.out).toMatch(
    /^Next, in another terminal: {2}vc status · .* · vc machines add <id> <ssh target> · vc doctor$/m,
  )
  expect(said.out).toMatch(/Ctrl-C stops it\.\nvc: stopped\n$/)
  expect(cockpit.did).toEqual(['serve', 'start', 'judge', 'stop'])
})

test('a machine that does not answer does not hold the first table', async () => {
  const cockpit = fakeCockpit([BOTH[0]])
  signalSoon('SIGINT', () => cockpit.did.includes('judge'))
  expect((await up([], { startCockpit: cockpit.startCockpit })).out).toContain('MACHINE')
})

test('where vc runs already it shows the fleet of the one that runs, and starts nothing', async () => {
  const { reader, closed } = fakeReader()
  const said = await up([], { pingDaemon: async () => RUNNING, openReader: async () => reader })
  expect(said).toMatchObject({ exit: 0, err: '' })
  expect(said.out).toMatch(/^MACHINE[\s\S]*already running here \(pid 4711\)\. Type vc status/)
  expect(closed()).toBe(1)
})

test('with --config another terminal is told of the file: without it, it would ask and stop another vc', async () => {
  const file = `${home.home}/my ops.toml`
  copyFileSync(`${home.home}/.config/vc/vc.toml`, file)
  const cockpit = fakeCockpit(BOTH)
  signalSoon('SIGINT', () => cockpit.did.includes('judge'))
  const said = await up(['--config', file], { startCockpit: cockpit.startCockpit })
  expect(said.out).toContain(`another terminal:  export VC_CONFIG='${file}'  and then  vc status`)

  const { reader } = fakeReader()
  const again = await up(['--config', file], { pingDaemon: async () => RUNNING, openReader: async () => reader })
  expect(again.out).toContain(`Type vc --config '${file}' status, or vc --config '${file}' daemon stop to end it.`)
})

test('the demo has a configuration of its own and says how others reach it', async () => {
  const cockpit = fakeCockpit(BOTH)
  const asked: boolean[] = []
  signalSoon('SIGINT', () => cockpit.did.includes('judge'))
  const said = await up(['--demo'], {
    loadConfig: async () => {
      throw new Error('nothing of the user is read')
    },
    demoConfig: () => home.parts.loadConfig(undefined),
    startCockpit(loaded, hooks, options) {
      asked.push(options.demo)
      return cockpit.startCockpit(loaded, hooks, options)
    },
  })
  expect([said.exit, asked]).toEqual([0, [true]])
  expect(said.out).toContain('(demo fleet; other commands: --config ')
  expect(said.out).toMatch(
    /^Next, in another terminal: {2}export VC_CONFIG=\S+\/vc\.toml {2}and then {2}vc status · .* · vc doctor$/m,
  )
  expect(said.out).not.toContain('machines add')
})

test('where npm started it, every command it names is one that a checkout has', async () => {
  const { parts } = home
  const cockpit = fakeCockpit(BOTH)
  signalSoon('SIGINT', () => cockpit.did.includes('judge'))
  const said = await up([], { startCockpit: cockpit.startCockpit, typedAs: 'npx vc' })
  expect(said.out).toMatch(
    /^Next, in another terminal in this folder: {2}npx vc status · npx vc robot triage --json · npx vc machines add <id> <ssh target> · npx vc doctor$/m,
  )
  expect(said.out).not.toMatch(/(?<!npx )vc (?:status|doctor|machines|config)/)
  const { reader } = fakeReader()
  const running = { ...parts, pingDaemon: async () => RUNNING, openReader: async () => reader }
  const again = await vc(['up', '--no-tui'], { ...running, typedAs: 'npx vc' })
  expect(again.out).toContain('Type npx vc status, or npx vc daemon stop to end it.')
})

test('a word behind it is no option: the command that was meant is named', async () => {
  const said = async (word: string, typedAs?: 'npx vc') =>
    vc(['up', word], { ...home.parts, ...(typedAs === undefined ? {} : { typedAs }) })
  expect(await said('status')).toMatchObject({
    exit: 2,
    err: "vc: vc up takes options only, and no word 'status'\n  fix: it is a command of its own: vc status\n",
  })
  expect((await said('docter', 'npx vc')).err).toBe(
    "vc: npm start and vc up take options only, and no word 'docter'\n  fix: did you mean: npx vc doctor\n",
  )
  expect((await said('frobnicate')).err).toContain("no word 'frobnicate'\n  fix: see: vc up --help\n")
})
