import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { CliDeps } from '../../src/cli/deps.ts'
import { explainAgent } from '../../src/commands/explain-agent.ts'
import { judgeBundle } from '../../src/commands/explain-bundle.ts'
import { VcError } from '../../src/core/errors.ts'
import { bundleNamed } from '../oracle/agent-bundles.ts'
import { vc } from './fake-cli.ts'

const AT = '2026-11-20T23:00:00.000Z'
const winner = { tier: 'live', source: 'claude.registry', says: 'idle', rule: 'claude.registry.idle@2.1', as_of: AT }
const rows = {
  agent: { agent_id: 'atlas/claude-7k2m', machine_id: 'atlas', cli: 'claude', cli_version: '2.1.329' },
  state: { state: 'idle', rule: 'claude.registry.idle@2.1', judged_at: AT, winner_json: JSON.stringify(winner) },
  pane: null,
  processes: [],
  session: null,
  aliases: [],
}
const bundle = { ...bundleNamed('cl-approve-write-file'), id: 'atlas/claude-7k2m' }

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'vc-explain-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const run = (argv: readonly string[], capture?: () => Promise<never>) => {
  const carriers: string[] = []
  const parts: Partial<CliDeps> = {
    openReader: async () => ({
      carrier: 'socket',
      ask: async ({ topic }) => ({ topic, version: 1, generatedAt: AT, data: rows }),
      close: async () => undefined,
    }),
    captureNow: async (_, carrier) => {
      carriers.push(carrier)
      return async () => (capture === undefined ? { bundle, notes: ['one thing was not seen'] } : capture())
    },
  }
  const at = { env: {}, home, tmp: home, uid: process.getuid?.() ?? 0, cwd: home }
  return vc(['explain', ...argv], { ...parts, at }).then((said) => ({ ...said, carriers }))
}

describe('vc explain <agent>', () => {
  test('prints the bundle of now with its verdict, which judges again to the same', async () => {
    const said = await run(['claude-7k', '--json'])
    expect(said).toMatchObject({ exit: 0, carriers: ['socket'] })
    const printed = JSON.parse(said.out)
    expect(printed).toMatchObject({
      id: 'atlas/claude-7k2m',
      screen: expect.stringContaining('Create file'),
      verdict: { state: 'needs_approval' },
      stored: { state: 'idle', judged_at: AT },
      notes: ['one thing was not seen'],
    })
    const file = join(home, 'f.json')
    writeFileSync(file, said.out)
    const again = await vc(['explain', '--from', file, '--json'])
    expect(JSON.parse(again.out)).toEqual(printed.verdict)
  })

  test('tells people the verdict, and that it is not what is stored', async () => {
    const { out } = await run(['claude-7k'])
    expect(out).toMatch(/^atlas\/claude-7k2m: needs_approval/)
    expect(out).toContain('note: one thing was not seen')
    expect(out).toContain(`note: stored is idle (judged ${AT}, rule claude.registry.idle@2.1)`)
    expect(out).not.toContain('Create file')
  })

  test('looks at no machine for stored rows and for the past', async () => {
    for (const argv of [
      ['claude-7k', '--stored'],
      ['claude-7k', '--at', '2h'],
    ]) {
      const said = await run([...argv, '--json'])
      expect(said).toMatchObject({ exit: 0, carriers: [] })
      expect(JSON.parse(said.out)).toEqual(JSON.parse(JSON.stringify(explainAgent(rows))))
    }
  })

  test('falls back to stored rows, and says so on both outputs', async () => {
    const lost = async (): Promise<never> => {
      throw new VcError(
        'no_evidence',
        'atlas/claude-7k2m cannot be looked at now: no route\u001b[2J',
        'vc machines probe atlas',
      )
    }
    const said = await run(['claude-7k', '--json'], lost)
    expect(said).toMatchObject({ exit: 0, err: expect.stringMatching(/cannot be looked at now: no route.*is stored/) })
    expect(said.err).not.toContain('\u001b')
    const printed = JSON.parse(said.out)
    expect(printed).toMatchObject({ screen: null, warnings: [expect.stringMatching(/^stored_evidence: /)] })
    expect(printed.sightings).toEqual([winner])
    expect(judgeBundle(printed)).toEqual(judgeBundle(explainAgent(rows)))
  })

  test('passes on what is no trouble of a machine', async () => {
    const said = await run(['claude-7k'], () => Promise.reject(new TypeError('a bug')))
    expect(said).toMatchObject({ exit: 1, out: '', err: expect.stringContaining('a bug') })
  })
})

describe('vc explain --from FILE', () => {
  const file = (text: string): string => {
    const path = join(home, 'f.json')
    writeFileSync(path, text)
    return path
  }

  test.each([[['atlas/claude-7k2m']], [['--stored']], [['--at', '2h']]])(
    'refuses %j beside the file, about which it says nothing',
    async (more) => {
      const said = await vc(['explain', ...more, '--from', file(JSON.stringify(bundle))])
      expect(said).toMatchObject({ exit: 2, out: '' })
      expect(said.err).toContain(`so ${more[0]} says nothing beside it`)
    },
  )

  test.each(['{', '[]', '{}'])('names the file that holds no evidence: %s', async (text) => {
    const path = file(text)
    const said = await vc(['explain', '--from', path])
    expect(said.exit).toBe(2)
    expect(said.err).toContain(`vc: ${path}: `)
  })

  test('refuses at once what is no regular file: a pipe that nobody writes to would be waited for without end', async () => {
    const pipe = join(home, 'pipe')
    execFileSync('mkfifo', [pipe])
    for (const path of [pipe, home, '/dev/zero']) {
      const said = await vc(['explain', '--from', path])
      expect(said).toMatchObject({ exit: 2, err: expect.stringContaining(`${path} is not a regular file`) })
    }
    const empty = await vc(['explain', '--from', ''])
    expect(empty).toMatchObject({ exit: 2, err: expect.stringContaining('the value of --from is empty') })
  })

  test('reads stdin as -, and stops where it goes on for ever', async () => {
    const of = (stdin: Readable) =>
      vc(['explain', '--from', '-'], { io: { stdin, stdout: new PassThrough(), stderr: new PassThrough(), env: {} } })
    expect(await of(Readable.from([Buffer.from(JSON.stringify(bundle))]))).toMatchObject({ exit: 0 })
    const endless = function* () {
      for (;;) yield Buffer.alloc(1_048_576)
    }
    expect(await of(Readable.from(endless()))).toMatchObject({ exit: 2 })
  })

  test.runIf(process.platform === 'linux')('reads the pipe that a shell hands over for <(…)', async () => {
    const program = join(import.meta.dirname, '../../bin/vc.js')
    const shell = `"$0" "$1" explain --json --from <(cat "$2")`
    const path = file(JSON.stringify(bundle))
    const said = execFileSync('bash', ['-c', shell, process.execPath, program, path], {
      env: { HOME: home, PATH: process.env.PATH },
    })
    expect(JSON.parse(said.toString())).toMatchObject({ state: judgeBundle(bundle).state })
  })
})
