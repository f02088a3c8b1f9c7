// What a build checks besides the tests: format and lint, types, dead code. In parallel, one line per step; a failing step shows its words.
import { spawn } from 'node:child_process'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..')
const STEPS: readonly (readonly [string, readonly string[]])[] = [
  ['format and lint', ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings']],
  ['types', ['node_modules/typescript/bin/tsc', '-p', '.', '--noEmit']],
  // What only a newer Node has is found here, and not by whoever installs vc on the oldest that is promised.
  ['types of the oldest Node', ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.oldest.json', '--noEmit']],
  ['dead code', ['node_modules/knip/bin/knip.js', '--no-progress']],
]

const run = (args: readonly string[]): Promise<{ code: number; text: string }> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] })
    const chunks: Buffer[] = []
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.on('close', (code) => resolve({ code: code ?? 1, text: Buffer.concat(chunks).toString('utf8') }))
  })

const results = await Promise.all(
  STEPS.map(async ([name, args]) => {
    const from = performance.now()
    const { code, text } = await run(args)
    process.stdout.write(
      `${code === 0 ? '✓' : '✗'} ${name} (${((performance.now() - from) / 1000).toFixed(1)} s)\n${code === 0 ? '' : text}`,
    )
    return code
  }),
)
if (results.some((code) => code !== 0)) {
  process.stdout.write('fix what a machine can fix: npm run fix\n')
  process.exitCode = 1
}
