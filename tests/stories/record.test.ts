import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, expect, test, vi } from 'vitest'
import { scrubber } from '../../src/commands/record-scrub.ts'
import { hasProgram } from '../programs.ts'

// Each test starts whole programs, on a machine that may be busy.
vi.setConfig({ testTimeout: 180_000 })

const ROOT = join(import.meta.dirname, '../..')
const scratch = mkdtempSync(join(tmpdir(), 'vc-record-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const env = { PATH: process.env.PATH ?? '', HOME: scratch, TERM: 'dumb', TMUX_TMPDIR: scratch }

/** `npm run record -- …` into a scratch folder. */
const record = (argv: readonly string[]) => {
  const script = join(ROOT, 'scripts/record.ts')
  const ran = spawnSync(process.execPath, [script, ...argv, '--into', scratch], { encoding: 'utf8', cwd: ROOT, env })
  return { exit: ran.status, out: ran.stdout, err: ran.stderr }
}

const recordedIn = (collector: string) => {
  const [name = ''] = readdirSync(join(scratch, collector))
  const dir = join(scratch, collector, name)
  const texts = readdirSync(dir).map((file) => readFileSync(join(dir, file), 'latin1'))
  return { name, manifest: JSON.parse(readFileSync(join(dir, 'manifest.json'), 'utf8')), text: texts.join('\n') }
}

test('a probe of this machine becomes a machine that can be played, without its names', () => {
  expect(record(['probe'])).toMatchObject({ exit: 0, err: '', out: expect.stringMatching(/played back: up, [1-9]/) })
  const { name, manifest, text } = recordedIn('probe')
  expect(name).toMatch(/^recorded-\d{4}-\d\d-\d\d$/)
  expect(manifest.recorded).toMatchObject({
    date: name.slice('recorded-'.length),
    collector: 'probe',
    transport: 'local',
  })
  expect(manifest.answers[0]).toMatchObject({ ask: 'probe.fast', exitCode: 0, stdout: expect.any(String) })
  expect(text).not.toContain(`hostname\t${hostname()}\n`)
  expect(text).not.toContain(scratch)
})

test.runIf(hasProgram('tmux'))('a running tmux is recorded with its version and played back', () => {
  const tmux = (...argv: readonly string[]) => spawnSync('tmux', ['-L', 'vcrec', ...argv], { env, encoding: 'utf8' })
  expect(tmux('-f', '/dev/null', 'new-session', '-d', 'sh').status).toBe(0)
  try {
    expect(record(['tmux'])).toMatchObject({ exit: 0, out: expect.stringMatching(/played back: up, [1-9]/) })
  } finally {
    tmux('kill-server')
  }
  expect(recordedIn('tmux').manifest.recorded.toolVersion).toMatch(/\d/)
})

test.runIf(hasProgram('git'))(
  'a checkout named by --cwd is recorded; a second recording needs a name of its own',
  () => {
    const repo = join(scratch, 'repo')
    spawnSync('git', ['init', '-q', '-b', 'main', repo])
    const good = { exit: 0, out: expect.stringMatching(/played back: up, [1-9][\s\S]*taken out: .*homes \d+×/) }
    expect(record(['git', '--cwd', repo])).toMatchObject(good)
    expect(record(['git', '--cwd', repo])).toMatchObject({ exit: 4, err: expect.stringContaining('never overwritten') })
    expect(record(['git', '--cwd', repo, '--name', 'second'])).toMatchObject(good)
    expect(readdirSync(join(scratch, 'git')).toSorted()).toEqual([expect.stringMatching(/^recorded-/), 'second'])
    expect(recordedIn('git').manifest.answers[0].args[0]).toBe('/home/dev/repo')
  },
)

test('a name nobody has is refused with the nearest one', () => {
  expect(record(['prob'])).toMatchObject({ exit: 2, err: expect.stringContaining("did you mean 'probe'?") })
  expect(record(['probe', '-m', 'atlas'])).toMatchObject({
    exit: 2,
    err: expect.stringContaining("no machine 'atlas'"),
  })
})

test('scrubbing takes out names, homes, addresses and keys, also of what travelled compressed', () => {
  const scrub = scrubber({ user: 'ann', hosts: ['box.corp.example', 'box'], home: '/srv/people/ann' })
  expect(scrub('ann@box:/srv/people/ann/x and /home/bob/y')).toBe('dev@host:/home/dev/x and /home/dev/y')
  expect(scrub('mail ann.lee@corp.example from 10.1.2.3, not 127.0.0.1')).toBe(
    'mail dev@example.org from 192.0.2.1, not 127.0.0.1',
  )
  const [id, other] = ['0f3c1a52-7b1e-4f0a-9c3d-2f5a8b6c7d10', '1f3c1a52-7b1e-4f0a-9c3d-2f5a8b6c7d10'].map(scrub)
  expect(id).toMatch(/^decade00-/)
  expect([scrub(id ?? ''), other === id]).toEqual([id, false])
  expect(scrub.counts()).toEqual({ hosts: 1, users: 1, homes: 2, 'mail addresses': 1, 'network addresses': 1, ids: 2 })
  expect(scrub('annual boxes on box.corp.example')).toBe('annual boxes on host')
  expect(scrub('API_KEY=abcdefghijklmnop1234')).not.toContain('abcdefghijklmnop1234')
  const packed = `VCT gzip\n${gzipSync('F 0 /srv/people/ann/t.jsonl\n').toString('latin1')}`
  expect(scrub(packed)).toBe('VCT plain\nF 0 /home/dev/t.jsonl\n')
})
