import { expect, test } from 'vitest'
import { hasEnded } from '../../src/core/process-end.ts'

const stat = (state: string, threads: number): string =>
  `4711 (a) Z (b) ${state} 1 4711 4711 0 -1 4228356 2063 0 4 0 30 8 0 0 20 0 ${threads} 0 6093031 0 0 18446744073709551615`

test.each([
  ['a running process', stat('R', 12), false],
  ['a process that waits for its parent', stat('Z', 1), true],
  ['one whose last threads still end', stat('Z', 3), false],
  ['one that is just being removed', stat('X', 0), true],
  ['no text at all', '', false],
])('%s', (_, text, ended) => expect(hasEnded(text)).toBe(ended))
