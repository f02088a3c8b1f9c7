import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'

test('where no more files may be open a program that does not start is told as that', { timeout: 60_000 }, () => {
  const child = join(import.meta.dirname, 'many-files-child.ts')
  const ran = spawnSync('sh', ['-c', 'ulimit -n 64; exec "$0" "$1"', process.execPath, child], { encoding: 'utf8' })
  expect(JSON.parse(ran.stdout || JSON.stringify({ failed: ran.stderr }))).toEqual({
    ended: { is: 'lost', class: 'transport', detail: expect.stringMatching(/^true: spawn .*EMFILE/) },
    lines: [],
    end: { is: 'lost', detail: expect.stringMatching(/EMFILE/) },
  })
})
