import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeValue, numberOf, textOf } from '../../../src/collectors/probe/decode.ts'
import { parseGpu } from '../../../src/collectors/probe/gpu.ts'
import { ttyName } from '../../../src/collectors/probe/linux-processes.ts'
import { leadingNonce, parseProbe } from '../../../src/collectors/probe/parse.ts'
import { readProbe } from '../../../src/collectors/probe/read.ts'

const NONCE = '9f2c41d07be85a36'
const sample = (name: string): Uint8Array => readFileSync(new URL(`../../fixtures/probe/${name}.txt`, import.meta.url))

const probeOf = (bytes: Uint8Array) => {
  const parsed = parseProbe(bytes, NONCE)
  if (parsed.is !== 'probe') throw new Error(`expected a probe, got ${parsed.is}`)
  return parsed
}

describe('format 1', () => {
  test('the hostile run has the same sections as the others, and a forged comm stays a name', () => {
    const hostile = probeOf(sample('linux-hostile'))
    expect([...hostile.sections.keys()]).toEqual([...probeOf(sample('linux-debian-t1')).sections.keys()])
    const forged = readProbe(hostile).processes?.find((process) => process.comm?.includes('1 (sh) R 1 1'))
    expect(forged).toMatchObject({ pid: 23998, comm: ')1 (sh) R 1 1' })
  })

  test('names are decoded, then stripped of what steers a terminal', () => {
    const names = readProbe(probeOf(sample('linux-hostile'))).processes?.map((process) => process.comm)
    expect(names).toContain('[31mred]0;x')
    expect(names).toContain('%41%')
    expect(names).toContain('café \ufffd')
  })

  test('a working directory that imitates rows arrives as one exact path', () => {
    const evil = readProbe(probeOf(sample('linux-hostile'))).agents?.find((agent) => agent.pid === 24005)
    expect(evil?.cwd).toBe('/home/dev/work/evil\n@@abc123 proc\n1\t0\tS')
    expect(evil).toMatchObject({ kind: 'claude', flags: '-p,--api-key' })
  })

  test('login noise is dropped and a cut-off text keeps its complete sections only', () => {
    const parsed = probeOf(sample('linux-noise-truncated'))
    expect(parsed.partial).toBe(true)
    expect([...parsed.sections.keys()]).toEqual(['sys', 'cpu', 'mem', 'psi', 'disk', 'net'])
    const reading = readProbe(parsed)
    expect(reading.processes).toBeNull()
    expect(reading.filesystems).toBeNull()
    expect(reading.system.memTotalBytes).toBe(25276502016n)
  })

  test('a wrong nonce, a foreign format and nothing at all are told apart', () => {
    expect(parseProbe(sample('linux-debian-t0'), 'ffffffffffffffff')).toEqual({ is: 'no_begin' })
    expect(parseProbe(new Uint8Array(), NONCE)).toEqual({ is: 'no_begin' })
    const later = Buffer.from(`@@${NONCE} begin 2 Linux\n`)
    expect(parseProbe(later, NONCE)).toEqual({ is: 'incompatible_format', format: '2' })
  })

  test('only the very first line may tell its nonce', () => {
    expect(leadingNonce(sample('linux-debian-t0'))).toBe(NONCE)
    expect(leadingNonce(sample('linux-noise-truncated'))).toBeNull()
  })

  test('busybox without getconf and stat: assumed ticks, an empty fs', () => {
    const parsed = probeOf(sample('linux-busybox'))
    expect(parsed.sections.get('sys')).toContain('clk_tck_source\tassumed')
    expect(readProbe(parsed).filesystems).toEqual([])
  })

  test('cut at any byte it never throws and never invents a section', () => {
    const whole = sample('linux-debian-t1')
    const sections = new Set(probeOf(whole).sections.keys())
    fc.assert(
      fc.property(fc.integer({ min: 0, max: whole.length }), (end) => {
        const parsed = parseProbe(whole.subarray(0, end), NONCE)
        if (parsed.is !== 'probe') return
        for (const name of parsed.sections.keys()) expect(sections).toContain(name)
        expect(parsed.partial).toBe(end < whole.length)
        readProbe(parsed)
      }),
    )
  })

  test('arbitrary bytes after a valid beginning never throw', () => {
    const line = fc.oneof(
      fc.string(),
      fc
        .constantFrom(
          'sys',
          'cpu',
          'mem',
          'psi',
          'disk',
          'net',
          'temp',
          'proc',
          'agent',
          'fs',
          'tool',
          'toolstat',
          'ps',
        )
        .map((name) => `@@${NONCE} ${name}`),
      fc
        .array(fc.oneof(fc.string(), fc.bigInt().map(String), fc.double().map(String)), { maxLength: 10 })
        .map((fields) => fields.join('\t')),
      fc.constantFrom('agent\t1\texe\tclaude', 'kern.boottime: { sec = 1, usec = 2 } x', 'df', 'NaN\t1e999\t-1'),
    )
    fc.assert(
      fc.property(fc.constantFrom('Linux', 'Darwin', 'Plan9'), fc.array(line), (os, lines) => {
        const text = [`@@${NONCE} begin 1 ${os}`, ...lines, ''].join('\n')
        readProbe(probeOf(Buffer.from(text)))
      }),
      { numRuns: 300 },
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(parseProbe(bytes, NONCE)).toEqual({ is: 'no_begin' })
        expect(parseGpu(bytes)).toBeNull()
      }),
    )
  })
})

describe('fields', () => {
  test('numbers are numbers or unknown', () => {
    expect(['1', '-2', '3.5', 'NaN', '1e9', '', '0x10', ' 1'].map(numberOf)).toEqual([
      1,
      -2,
      3.5,
      ...Array(5).fill(null),
    ])
  })

  test('percent decoding is exact for any text and leaves broken escapes alone', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const encoded = [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
        expect(decodeValue(encoded)).toBe(text)
      }),
    )
    expect(decodeValue('100%')).toBe('100%')
    expect(decodeValue('%zz%4')).toBe('%zz%4')
    expect(textOf('-')).toBeNull()
  })

  test('terminal numbers become the names tmux uses', () => {
    expect([34816, 34817, 1025, 0, -1].map(ttyName)).toEqual(['pts/0', 'pts/1', 'tty1', null, null])
    expect(ttyName((137 << 8) | 5)).toBe('pts/261')
  })

  test('the busiest GPU counts, an unsupported reading is unknown', () => {
    const text = `@@${NONCE} begin 1 Linux\n@@${NONCE} gpu\n0, NVIDIA A100, 41, 100, 400, 50, 70.1\n1, X, Y, 93, 1, 2, 3, 4\n2, Z, [N/A], 1, 2, 3, 4\nrc\t0\n@@${NONCE} end 0\n`
    expect(parseGpu(Buffer.from(text))).toBe(93)
  })
})
