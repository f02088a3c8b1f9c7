// Writes every page that is made from the sources: vc.toml, docs/config.md, docs/collectors.md, docs/robot/, docs/keys.md, the pictures of screens, the demo fleet; then docs/TOUR.md.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { generatedPages } from './docs/pages.ts'
import { screenPictures } from './docs/screens-page.ts'

const ROOT = join(import.meta.dirname, '..')
let written = 0
for (const [path, text] of [...(await generatedPages()), ...(await screenPictures())]) {
  const file = join(ROOT, path)
  if (existsSync(file) && readFileSync(file, 'utf8') === text) continue
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  process.stdout.write(`wrote ${path}\n`)
  written += 1
}
process.stdout.write(
  `${written === 0 ? 'nothing was stale' : `${written} pages were stale`}; the tour runs by itself: node scripts/tour.ts\n`,
)
