// dist/: one thin CommonJS file for `vc robot` against a socket; all else ESM with splitting. Packages stay external.
import { globSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')
process.chdir(ROOT)
await rm('dist', { recursive: true, force: true })

const common = { bundle: true, platform: 'node', target: 'node22.13', logLevel: 'warning', legalComments: 'none' }

// Loaded by URL at run time (src/core/own-files.ts), so each keeps its place: src/x/y-job.ts → dist/x/y-job.js.
const entries = ['src/main.ts', ...globSync('src/**/{*-job,*-child,*-worker,worker}.ts').sort()]
await build({
  ...common,
  entryPoints: entries,
  outbase: 'src',
  outdir: 'dist',
  format: 'esm',
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  packages: 'external',
  sourcemap: true,
})
await build({ ...common, entryPoints: ['src/robot/thin.ts'], outfile: 'dist/robot.cjs', format: 'cjs', minify: true })
process.stdout.write(`built dist/ from ${entries.length + 1} entries\n`)
