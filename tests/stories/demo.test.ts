import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { processesOf, ROOT, type Running, startProgram } from './cockpit.ts'

vi.setConfig({ testTimeout: 120_000 })

let demo: Running | null = null
afterEach(() => demo?.clean())

const row = (text: string, machine: string): string => new RegExp(`^${machine} .*$`, 'm').exec(text)?.[0] ?? ''

/** A command beside the running demo, asked again until it says what is waited for. */
const askUntil = async (config: string, argv: readonly string[], good: (text: string) => boolean): Promise<string> => {
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: demo?.home ?? '',
    TMPDIR: join(config, '../..'),
    VC_PING_MS: '10000',
  }
  for (;;) {
    const all = [join(ROOT, 'bin/vc.js'), '--config', config, ...argv]
    const { stdout } = spawnSync(process.execPath, all, { encoding: 'utf8', env })
    if (good(stdout)) return stdout
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
}

const STATES = 'working needs_approval asked_question turn_finished idle rate_limited failed stalled'.split(' ')
const statesIn = (text: string): readonly string[] =>
  [...new Set([...text.matchAll(/"state":\s*"(\w+)"/g)].map(([, state = '']) => state))].toSorted()

test('vc up --demo shows a fleet at once, and leaves nothing behind', async () => {
  demo = startProgram([join(ROOT, 'bin/vc.js'), 'up', '--demo'])
  const [, config = ''] = await demo.until(/--config (\S+vc\.toml)\)/)
  await demo.until(/keeps watching here/)
  // What the first table shows is what has answered within its two seconds.
  for (const id of ['atlas', 'borg', 'cygnus', 'dione', 'eris', 'fenrir']) expect(row(demo.said(), id)).not.toBe('')
  const said = await askUntil(config, ['status'], (text) => (text.match(/ online .*\$\d/g) ?? []).length === 3)
  expect(row(said, 'atlas')).toMatch(/online +\S+ +\S+ +48% +61% +5\.2 .*\$\d+\.\d\d *$/)
  expect(row(said, 'borg')).toMatch(/1! .*\/ 95 % full/)
  expect(row(said, 'cygnus')).toMatch(/1\?! .*memory 94 % used/)
  expect(row(said, 'eris')).toMatch(/online .* - +- +-/)
  expect(row(said, 'dione')).toMatch(/never reached/)
  expect(said).toContain('fenrir offers another host key')
  expect(said).not.toMatch(/exit_code|exit 127|no recording/)

  const agents = await askUntil(config, ['robot', 'agents', '--json'], (text) => statesIn(text).length >= STATES.length)
  expect(statesIn(agents)).toEqual(STATES.toSorted())

  const socket = /^socket +(\S+)$/m.exec(demo.said())?.[1] ?? ''
  expect(existsSync(socket)).toBe(true)
  expect(await demo.interrupt()).toBe(0)
  expect(demo.said()).toContain('vc: stopped')
  expect(processesOf(demo.home)).toEqual([])
  const left = readdirSync(demo.home, { recursive: true, encoding: 'utf8' })
  expect(left.filter((path) => !path.startsWith('tmp-') || path.includes('vc-'))).toEqual([])
})
