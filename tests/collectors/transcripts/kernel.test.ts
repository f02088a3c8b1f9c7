import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { kernelCode } from '../../../scripts/kernel.ts'
import { nextLine } from '../../../src/collectors/codex/record.ts'
import { inReach, isInReach, lineAt, room } from '../../../src/collectors/transcripts/kernel.ts'

test('the kernel is what its sources compile to: node scripts/kernel.ts', () => {
  expect(readFileSync('src/collectors/transcripts/kernel-code.ts', 'utf8')).toBe(kernelCode())
})

const carried = (block: Buffer): { readonly pieces: readonly string[]; readonly long: readonly number[] } => {
  const pieces: string[] = []
  const long: number[] = []
  const feed = (piece: Buffer): void => {
    expect(isInReach(piece)).toBe(true)
    pieces.push(piece.toString())
  }
  inReach(block, feed, (line) => long.push(line.length))
  return { pieces, long }
}

test('lines from elsewhere are carried over whole and in order, and what is too long for that comes by itself', () => {
  const short = (n: number): string => `${String(n).repeat(300_000)}\n`
  const text = `${[1, 2, 3, 4, 5].map(short).join('')}${'x'.repeat(room.length)}\n${short(6)}cut`
  const { pieces, long } = carried(Buffer.from(text))
  expect(pieces.map((piece) => piece.length)).toEqual([900_003, 600_002, 300_001])
  expect(pieces.join('')).toBe([1, 2, 3, 4, 5, 6].map(short).join(''))
  expect(long).toEqual([room.length])
  expect(carried(Buffer.from('no line feed'))).toEqual({ pieces: [], long: [] })
})

test('a line feed is found wherever it stands, and none behind the end', () => {
  for (let length = 1; length < 150; length += 1) {
    room.fill('x', 0, 400)
    room[length] = 10
    room[300] = 10
    const block = room.subarray(0, length + 1)
    expect(nextLine(block, 0)).toBe(length < 20 ? null : 'maybe')
    expect(lineAt(block).end).toBe(length < 20 ? -1 - block.byteOffset : length)
    expect(nextLine(room.subarray(0, length), 0)).toBeNull()
  }
})
