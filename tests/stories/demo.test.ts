import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { processesOf, ROOT, type Running, startProgram } from './cockpit.ts'

vi.setConfig({ testTimeout: 120_000 })

let demo: Running | null = null
afterEach(() => demo?.clean())

const row = (text: string, machine: string): string => new RegExp(`^${machine} .*$`, 'm').exec(text)?.[0] ?? ''

/** `vc status`, asked again until it shows what is waited for. */
const tableOf = async (config: string, home: string, good: (text: string) => boolean): Promise<string> => {
  for (;;) {
    const { stdout } = spawnSync(process.execPath, [join(ROOT, 'bin/vc.js'), '--config', config, 'status'], {
      ...{ encoding: 'utf8', env: { PATH: process.env.PATH ?? '', HOME: home, TMPDIR: join(config, '../..') } },
    })
    if (good(stdout)) return stdout
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
}

test('vc up --demo shows a fleet at once, and leaves nothing behind', async () => {
  demo = startProgram([join(ROOT, 'bin/vc.js'), 'up', '--demo'])
  const [, config = ''] = await demo.until(/--config (\S+vc\.toml)\)/)
  await demo.until(/keeps watching here/)
  // What the first table shows is what has answered within its two seconds.
  for (const id of ['atlas', 'borg', 'cygnus', 'dione', 'eris', 'fenrir']) expect(row(demo.said(), id)).not.toBe('')
  const said = await tableOf(config, demo.home, (text) => (text.match(/ online .*\$\d/g) ?? []).length === 3)
  expect(row(said, 'atlas')).toMatch(/online +\S+ +\S+ +48% +61% +5\.2 .*\$\d+\.\d\d *$/)
  expect(row(said, 'borg')).toMatch(/1! .*\/ 95 % full/)
  expect(row(said, 'cygnus')).toMatch(/1\?! .*memory 94 % used/)
  expect(row(said, 'eris')).toMatch(/online .* - +- +-/)
  expect(row(said, 'dione')).toMatch(/never reached/)
  expect(said).toContain('fenrir offers another host key')
  expect(said).not.toMatch(/exit_code|exit 127|no recording/)

  const socket = /^socket +(\S+)$/m.exec(demo.said())?.[1] ?? ''
  expect(existsSync(socket)).toBe(true)
  expect(await demo.interrupt()).toBe(0)
  expect(demo.said()).toContain('vc: stopped')
  expect(processesOf(demo.home)).toEqual([])
  const left = readdirSync(demo.home, { recursive: true, encoding: 'utf8' })
  expect(left.filter((path) => !path.startsWith('tmp-') || path.includes('vc-'))).toEqual([])
})

test('every other command reaches the running demo by its configuration file', async () => {
  demo = startProgram([join(ROOT, 'bin/vc.js'), 'up', '--demo'])
  const [, config = ''] = await demo.until(/--config (\S+vc\.toml)\)/)
  await demo.until(/keeps watching here/)
  const ask = startProgram([join(ROOT, 'bin/vc.js'), '--config', config, 'robot', 'agents', '--json'], {
    HOME: demo.home,
  })
  await ask.until(/\}\s*$/)
  const states: unknown = JSON.parse(ask.said()).data.by_state
  ask.clean()
  expect(Object.entries(states ?? {}).filter(([, count]) => Number(count) > 0)).not.toHaveLength(0)
  for (const state of [
    'working',
    'needs_approval',
    'asked_question',
    'turn_finished',
    'idle',
    'rate_limited',
    'failed',
    'stalled',
  ])
    expect(states, state).toMatchObject({ [state]: expect.any(Number) })
  expect(await demo.interrupt()).toBe(0)
})
