// Loads every module of the program once, so that Node keeps them compiled for the starts to come (bin/vc.js).
import { globSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..')
// These are threads and processes of their own: loading them is running them.
const RUNS = /(?:-child|-worker|-job|\/worker)\.ts$/

enableCompileCache(join(ROOT, 'node_modules/.cache/vc'))
for (const file of globSync('src/**/*.ts', { cwd: ROOT })) if (!RUNS.test(file)) await import(join(ROOT, file))
