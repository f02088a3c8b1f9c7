import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import type { RangeAnswer } from '../../src/core/ask.ts'
import { openAsker } from '../../src/transport/asker.ts'
import { parseRange, parseStats } from '../../src/transport/files-remote.ts'
import { shMachine } from './sh-machine.ts'

const dir = mkdtempSync(join(tmpdir(), 'vc-files-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))
const at = (name: string): string => join(dir, name)
const write = (name: string, content: string | Uint8Array): string => {
  writeFileSync(at(name), content)
  return at(name)
}

const asked = (local: boolean) => openAsker({ executor: shMachine(), local }).beginRun()
const text = (range: RangeAnswer): string => (range.is === 'bytes' ? Buffer.from(range.bytes).toString() : range.is)

describe.each([
  ['in process', true],
  ['by script', false],
] as const)('files read %s', (_, local) => {
  const here = asked(local)

  test('are described in the order asked, absent ones too', async () => {
    const plain = write("it's a $(file)\nwith a tail \n", 'hello')
    utimesSync(plain, 1_700_000_000.125, 1_700_000_000.125)
    mkdirSync(at('-dir'), { recursive: true })
    symlinkSync('/nowhere', at(`link-${local}`))
    execFileSync('mkfifo', [at(`fifo-${local}`)])
    const paths = [
      at('none'),
      plain,
      at('-dir'),
      at(`link-${local}`),
      at(`fifo-${local}`),
      at('none/deeper/still'),
      join(plain, 'x'),
    ]
    const stats = await here.stat(paths)
    expect(stats.map((stat) => stat.path)).toEqual(paths)
    expect(stats.map((stat) => stat.is)).toEqual(['missing', 'file', 'dir', 'link', 'other', 'missing', 'missing'])
    expect(stats[1]).toMatchObject({ size: 5, mtimeMs: 1_700_000_000_125, inode: expect.stringMatching(/^\d+$/) })
    expect(await here.stat([])).toEqual([])
  })

  test('give exactly the bytes of a range, with inode and size of the same moment', async () => {
    const every = Buffer.from(Array.from({ length: 256 * 200 }, (_, i) => i % 256))
    const path = write('bytes', every)
    const [stat] = await here.stat([path])
    const inode = stat !== undefined && 'inode' in stat ? stat.inode : ''
    for (const [offset, maxBytes] of [
      [0, 10],
      [250, 300],
      [100, 40_000],
      [51_199, 10],
      [51_200, 10],
      [60_000, 10],
      [0, 1e6],
    ] as const) {
      const range = await here.readRange({ path, offset, maxBytes, inode })
      expect(range).toMatchObject({ is: 'bytes', inode, size: every.length })
      if (range.is === 'bytes') expect(every.subarray(offset, offset + maxBytes).equals(range.bytes)).toBe(true)
    }
    expect(await here.readRange({ path, offset: 0, maxBytes: 1, inode: '1' })).toEqual({ is: 'changed' })
  })

  test('are refused when they are links, FIFOs or folders, and told apart from missing ones', async () => {
    execFileSync('mkfifo', [at(`pipe-${local}`)])
    symlinkSync(write('secret', 'secret'), at(`to-secret-${local}`))
    const read = (path: string) => here.readRange({ path, offset: 0, maxBytes: 100 })
    expect(await read(at('missing'))).toEqual({ is: 'missing' })
    for (const path of [at(`pipe-${local}`), at(`to-secret-${local}`), dir])
      expect(await read(path)).toMatchObject({ is: 'fault', fault: 'bad_output' })
  })

  test('with any name are found, and nothing in a name is run', async () => {
    const name = fc
      .string({
        unit: fc.constantFrom('$', '(', ')', '`', "'", '"', '\\', '\n', ' ', '*', '-', ';', 'é', 'a', '~'),
        minLength: 1,
        maxLength: 12,
      })
      .filter((n) => n !== '.' && n !== '..')
    await fc.assert(
      fc.asyncProperty(name, async (n) => {
        const path = write(n, `in ${n}`)
        expect(text(await here.readRange({ path, offset: 0, maxBytes: 1000 }))).toBe(`in ${n}`)
        expect(await here.stat([path])).toMatchObject([{ is: 'file' }])
        rmSync(path)
      }),
      { numRuns: 15 },
    )
  })

  test('are asked for by absolute path only', async () => {
    await expect(here.stat(['relative'])).rejects.toMatchObject({ code: 'bad_ask' })
    await expect(here.readRange({ path: '-n', offset: 0, maxBytes: 1 })).rejects.toMatchObject({ code: 'bad_ask' })
  })
})

test('what may not be looked at is denied, not missing', async () => {
  mkdirSync(at('closed'))
  write('closed/file', 'x')
  chmodSync(dir, 0o755)
  chmodSync(at('closed'), 0o000)
  const closedToRoot = process.getuid?.() !== 0
  // Root sees everything, so as root the questions are asked by another user.
  const shell = closedToRoot
    ? ['sh', '-s']
    : ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', 'sh', '-s']
  const run = openAsker({ executor: shMachine({ shell }), local: false }).beginRun()
  expect((await run.stat([at('closed/file'), at('closed/none/x'), at('none')])).map((s) => s.is)).toEqual([
    'denied',
    'denied',
    'missing',
  ])
  expect(await run.readRange({ path: at('closed/file'), offset: 0, maxBytes: 1 })).toEqual({ is: 'denied' })
  chmodSync(at('closed'), 0o755)
  chmodSync(at('closed/file'), 0o000)
  expect(await run.readRange({ path: at('closed/file'), offset: 0, maxBytes: 1 })).toEqual({ is: 'denied' })
})

test('a machine that cannot be asked is no missing file', async () => {
  const executor = shMachine({ shell: ['sh', '-c', 'exit 1'] })
  const run = openAsker({ executor, local: false }).beginRun()
  await expect(run.stat(['/etc/passwd'])).rejects.toMatchObject({ fault: 'unreachable' })
  expect(await run.readRange({ path: '/etc/passwd', offset: 0, maxBytes: 1 })).toMatchObject({
    is: 'fault',
    fault: 'unreachable',
  })
})

test('BSD stat is read like GNU stat', () => {
  const bsd = 'there\nmissing\nthere\nall\nb 12 34 1700000000.250000000 81a4\nb 5 96 1700000001 41ed\n'
  expect(parseStats(['/a', '/b', '/c'], bsd)).toEqual([
    { path: '/a', is: 'file', inode: '12', size: 34, mtimeMs: 1_700_000_000_250 },
    { path: '/b', is: 'missing' },
    { path: '/c', is: 'dir', inode: '5', size: 96, mtimeMs: 1_700_000_001_000 },
  ])
})

test('a file that vanishes between two looks is missing, the others keep their facts', () => {
  const each = 'there\nthere\nall\neach\ngone\ng 7 8 1700000000 81a4 2023-11-14 22:13:20.5 +0000\n'
  expect(parseStats(['/a', '/b'], each)).toMatchObject([
    { is: 'missing' },
    { is: 'file', inode: '7', mtimeMs: 1_700_000_000_500 },
  ])
})

test('any output of a machine is an answer or a fault, never a throw', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.constantFrom('gzip 1 2\nnot gzip', 'raw 1\n', 'there\n', 'all\n').map((s) => Buffer.from(s)),
  )
  fc.assert(
    fc.property(bytes, (stdout) => {
      expect(parseRange({ stdout, stderr: new Uint8Array(0) }, 100).is).toEqual(expect.any(String))
      parseStats(['/a'], Buffer.from(stdout).toString('latin1'))
    }),
  )
})
