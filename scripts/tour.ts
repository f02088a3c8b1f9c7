// Takes the tour of a new user and writes docs/TOUR.md; --check takes it again and compares.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CHAPTERS } from './tour/chapters.ts'
import { brokenPromises, tourDifferences, tourPage } from './tour/page.ts'
import { openStage } from './tour/stage.ts'
import type { Ran } from './tour/step.ts'

const PAGE = join(import.meta.dirname, '../docs/TOUR.md')

const lacking = (needs: readonly string[]): readonly string[] =>
  needs.filter((name) => spawnSync('sh', ['-c', 'PATH=$PATH:/usr/sbin command -v "$1"', 'sh', name]).status !== 0)

/** Chapter title to what its commands did; chapters whose programs are missing are named and left out. */
async function takeTour(): Promise<ReadonlyMap<string, readonly Ran[]>> {
  const stage = openStage()
  const done = new Map<string, readonly Ran[]>()
  try {
    for (const { title, needs = [], steps } of CHAPTERS) {
      const missing = lacking(needs)
      if (missing.length > 0) {
        process.stderr.write(`left out: "${title}" needs ${missing.join(', ')}, which this machine lacks\n`)
        continue
      }
      if (needs.length > 0) stage.openFleet()
      const ran: Ran[] = []
      for (const step of steps) ran.push(await stage.play(step))
      done.set(title, ran)
    }
  } finally {
    await stage.close()
  }
  return done
}

const ran = await takeTour()
const check = process.argv.includes('--check')
const leftOut = CHAPTERS.length - ran.size
const wrong = check ? tourDifferences(readFileSync(PAGE, 'utf8'), ran) : brokenPromises(ran)
if (leftOut > 0 && (!check || process.env.VC_TEST_STRICT === '1')) {
  process.stderr.write('the whole tour is needed here: install what is missing\n')
  process.exitCode = 1
} else if (wrong.length > 0) {
  process.stderr.write(
    `${wrong.join('\n\n')}\n\ndocs/TOUR.md and vc do not agree; when vc is right, run: node scripts/tour.ts\n`,
  )
  process.exitCode = 1
} else {
  if (!check) writeFileSync(PAGE, tourPage(ran))
  const count = [...ran.values()].flat().length
  process.stdout.write(`${check ? 'the tour still shows' : 'wrote docs/TOUR.md from'} ${count} commands\n`)
}
