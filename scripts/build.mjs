// dist/: one thin CommonJS file for `vc robot` against a socket; all else ESM with splitting. Large packages stay external.
import { globSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import { runInNewContext } from 'node:vm'
import { build } from 'esbuild'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')
process.chdir(ROOT)
// `npm run build -- <folder>` builds elsewhere (tests, benches); the folder's own name must be dist.
const OUT = resolve(process.env.VC_CALLER_CWD ?? ROOT, process.argv[2] ?? join(ROOT, 'dist'))
if (basename(OUT) !== 'dist') {
  process.stderr.write(`vc: ${OUT} must be a folder named dist, because the program finds its own files by that name\n`)
  process.exit(2)
}
await rm(OUT, { recursive: true, force: true })

// Comments go, names stay, so that a stack can be read. The engine keeps a source in memory, and one letter beyond Latin-1 in
// a comment doubles what its whole file takes.
const common = {
  bundle: true,
  platform: 'node',
  target: 'node22.13',
  logLevel: 'warning',
  legalComments: 'none',
  minifyWhitespace: true,
}

const CHART = 'blessed-contrib/lib/widget/charts/line.js'
// Whoever imports it is a chunk (it is loaded late): from there the bundled widget lies in the folder beside.
const chartsBeside = {
  name: 'charts-beside',
  setup: (on) =>
    on.onResolve({ filter: /^blessed-contrib\// }, () => ({ path: '../tui/line-chart.cjs', external: true })),
}

// Each of these is tens to hundreds of small files, and finding them is most of what a start costs. What is native, starts
// threads of its own or reads files beside itself stays a package.
const BUNDLED =
  /^(?:@duckdb\/node-api|@pydantic\/genai-prices|commander|execa|fastest-levenshtein|graphology(?:-[a-z]+)?|p-limit|simple-statistics|smol-toml|zod)(?:\/|$)/
const bundleSmall = {
  name: 'bundle-small',
  setup: (on) =>
    on.onResolve({ filter: /^[^./]/ }, ({ path, kind, resolveDir }) => {
      if (kind === 'entry-point' || resolveDir.includes('node_modules')) return undefined
      return BUNDLED.test(path) ? undefined : { path, external: true }
    }),
}

// A price list is 800 kB of literals, which each thread that prices compiles for 40 ms; as JSON it is read in a tenth of that.
const PRICES = /\/genai-prices\/dist\/index\.js$/
const pricesAsJson = {
  name: 'prices-as-json',
  setup: (on) =>
    on.onLoad({ filter: PRICES }, ({ path }) => {
      const text = readFileSync(path, 'utf8')
      const found = /^const (\w+) = (\[\n[\s\S]*?\n\])(?=[,;])/.exec(text)
      if (found === null) throw new Error(`${path} no longer begins with its price list: see scripts/build.mjs`)
      const [whole, name, literal] = found
      const data = structuredClone(runInNewContext(literal))
      const json = JSON.stringify(data)
      if (!isDeepStrictEqual(JSON.parse(json), data)) throw new Error(`${path}: its price list is no JSON`)
      return { contents: `const ${name} = JSON.parse(${JSON.stringify(json)})${text.slice(whole.length)}` }
    }),
}

// Loaded by URL at run time (src/core/own-files.ts), so each keeps its place: src/x/y-job.ts → dist/x/y-job.js.
const entries = ['src/main.ts', ...globSync('src/**/{*-job,*-child,*-worker,worker}.ts').sort()]
// `npm run build -- <folder> <more>…`: what the benches run inside the program as it is shipped; lies in the folder itself.
const more = process.argv.slice(3)
await build({
  ...common,
  entryPoints: [
    ...entries.map((path) => ({ in: path, out: path.slice('src/'.length, -'.ts'.length) })),
    ...more.map((path) => ({ in: path, out: basename(path, '.ts') })),
  ],
  outdir: OUT,
  format: 'esm',
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  external: ['@duckdb/node-bindings'],
  // Packages in CommonJS ask for what stays outside by `require`.
  banner: {
    js: "import { createRequire as vcRequire } from 'node:module';const require = vcRequire(import.meta.url);",
  },
  plugins: [chartsBeside, bundleSmall, pricesAsJson],
  sourcemap: true,
})
// The one widget of blessed-contrib that is used, with all it needs but blessed: no user installs that package.
await build({
  ...common,
  stdin: { contents: `module.exports = require('${CHART}')`, resolveDir: ROOT },
  external: ['blessed'],
  outfile: join(OUT, 'tui/line-chart.cjs'),
  format: 'cjs',
  minify: true,
})
await build({
  ...common,
  entryPoints: ['src/robot/thin.ts'],
  outfile: join(OUT, 'robot.cjs'),
  format: 'cjs',
  minify: true,
})
process.stdout.write(`built ${OUT} from ${entries.length + more.length + 1} entries\n`)
