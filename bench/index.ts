// npm run bench [-- full] [names…]: what must hold, measured, as a table. Exit 1 when something falls short.
import { type Figure, table } from './bench.ts'
import { benches } from './rows/index.ts'

const words = process.argv.slice(2)
const full = words.includes('full')
const names = words.filter((word) => word !== 'full')
const unknown = names.filter((name) => !benches.some((bench) => bench.name === name))
if (unknown.length > 0) {
  process.stderr.write(
    `vc: there is no bench ${unknown.join(', ')}\n  fix: one of ${benches.map((b) => b.name).join(', ')}\n`,
  )
  process.exit(2)
}

const figures: Figure[] = []
for (const bench of benches.filter(({ name }) => names.length === 0 || names.includes(name))) {
  process.stderr.write(`${bench.name}: ${bench.about}\n`)
  try {
    figures.push(...(await bench.run({ full })))
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    figures.push({
      what: bench.name,
      figure: `not measured: ${why.split('\n')[0]}`,
      baseline: '',
      ratio: null,
      target: '',
      ok: false,
    })
  }
}
process.stdout.write(`\n${table(figures)}\n`)
process.exitCode = figures.some((figure) => figure.ok === false) ? 1 : 0
