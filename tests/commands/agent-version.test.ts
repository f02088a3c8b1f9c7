import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { readCliVersion } from '../../src/commands/agent-version.ts'
import { adapterOf } from '../../src/engine/adapters/index.ts'
import { openLocalAsker } from './local-asker.ts'

let dir = ''
let end = async (): Promise<void> => undefined
let asker: ReturnType<typeof openLocalAsker>['asker']

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'vc-ver-'))
  vi.stubEnv('PATH', `${dir}/bin:/usr/bin:/bin`)
  mkdirSync(join(dir, 'bin'))
  ;({ asker, end } = openLocalAsker())
})

afterEach(async () => {
  await end()
  vi.unstubAllEnvs()
  rmSync(dir, { recursive: true, force: true })
})

const program = (name: string, script: string): void => {
  writeFileSync(join(dir, 'bin', name), `#!/bin/sh\n${script}\n`)
  chmodSync(join(dir, 'bin', name), 0o755)
}

describe('the version of a CLI', () => {
  test('is what it says, and known when its screens were recorded in it', async () => {
    program('claude', 'echo "2.1.329 (Claude Code)"')
    program('codex', 'echo "codex-cli 0.200.1"; echo noise >&2')
    expect(await readCliVersion(asker, adapterOf('claude'))).toEqual({ version: '2.1.329', recorded: true })
    expect(await readCliVersion(asker, adapterOf('codex'))).toEqual({ version: '0.200.1', recorded: false })
  })

  test('is read from the package where running it would cost seconds and leave files', async () => {
    const pack = join(dir, 'lib/gemini-cli')
    mkdirSync(join(pack, 'bundle'), { recursive: true })
    writeFileSync(join(pack, 'package.json'), '{\n  "name": "gemini-cli",\n  "version": "0.61.0"\n}\n')
    writeFileSync(join(pack, 'bundle/gemini.js'), `#!/bin/sh\ntouch ${dir}/ran\n`)
    chmodSync(join(pack, 'bundle/gemini.js'), 0o755)
    symlinkSync(join(pack, 'bundle/gemini.js'), join(dir, 'bin/gemini'))
    expect(await readCliVersion(asker, adapterOf('gemini'))).toEqual({ version: '0.61.0', recorded: true })
    expect(() => writeFileSync(join(dir, 'ran'), '', { flag: 'wx' })).not.toThrow()
  })

  test('is unknown where it is not installed or says something else', async () => {
    expect(await readCliVersion(asker, adapterOf('opencode'))).toEqual({ version: null, recorded: false })
    program('claude', 'echo "command not configured"')
    expect(await readCliVersion(asker, adapterOf('claude'))).toEqual({ version: null, recorded: false })
    expect(await readCliVersion(asker, adapterOf('generic'))).toEqual({ version: null, recorded: false })
  })
})
