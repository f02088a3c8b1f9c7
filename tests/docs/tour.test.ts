import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { calmed, essence } from '../../scripts/tour/calm.ts'
import { tourDifferences, tourPage } from '../../scripts/tour/page.ts'
import { vc } from '../../scripts/tour/step.ts'

const ROOT = join(import.meta.dirname, '../..')

// Thirty programs one after another, some of them waiting for a second look: minutes on a busy machine.
test('docs/TOUR.md shows what vc does now', { timeout: 900_000 }, async () => {
  const child = spawn(process.execPath, [join(ROOT, 'scripts/tour.ts'), '--check'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk))
  const code = await new Promise((resolve) => child.on('close', resolve))
  expect(said).toMatch(/the tour still shows \d+ commands/)
  expect(code).toBe(0)
})

test('the tour shows its exit codes, its refusals and no place of the machine it was made on', () => {
  const page = readFileSync(join(ROOT, 'docs/TOUR.md'), 'utf8')
  for (const code of [1, 2, 3, 4]) expect(page).toContain(`# exit code ${code}`)
  expect(page).not.toMatch(/\/vc-tour-|\/home\/(?!dev)|\/root\//)
})

test('numbers may differ between the page and a run, words and exit codes may not', () => {
  const title = 'What the exit code says'
  const ran = (output: string, exit = 0) => new Map([[title, [{ step: vc('status'), exit, output }]]])
  const page = tourPage(ran('atlas  online  5s  31%\n$3.61'))
  expect(tourDifferences(page, ran('atlas  online   14s  7%\n$12.04'))).toEqual([])
  expect(tourDifferences(page, ran('atlas  offline  14s  7%\n$12.04'))).toEqual([expect.stringContaining('offline')])
  expect(tourDifferences(page, ran('atlas  online  5s  31%\n$3.61', 1))[0]).toContain('ended with 1, not 0')
  expect(tourDifferences(page, new Map([[title, []]]))).toEqual([expect.stringContaining('1 commands on the page, 0')])
})

test('places and moments are taken out of what is shown', () => {
  const places = { home: '/tmp/vc-tour-Ab12', root: '/srv/vc' }
  expect(calmed('/tmp/vc-tour-Ab12/x /srv/vc/y pid 77 at 2026-03-04T05:06:07.890Z', places)).toBe(
    '~/x <checkout>/y pid 4242 at 2026-01-01T08:00:00.000Z',
  )
  expect(essence('borg  online  5s  ─────  6.3M')).toBe(essence('borg online 14s ───────── 12.0M'))
})
