// Compiles assembly/ into src/collectors/transcripts/kernel-code.ts: `node scripts/kernel.ts`. A test compiles it again and compares.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..')
const ASC = join(ROOT, 'node_modules/assemblyscript/bin/asc.js')
const CODE = join(ROOT, 'src/collectors/transcripts/kernel-code.ts')

// Four megabytes that never move: the room for one block of lines, and what the readers keep. Nothing is ever freed.
const FLAGS = '-O3 --noAssert --runtime stub --enable simd --initialMemory 64 --maximumMemory 64'.split(' ')

/** The text of kernel-code.ts as the sources of this moment make it. Throws with the compiler's words where they are wrong. */
export const kernelCode = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'vc-kernel-'))
  try {
    const out = join(folder, 'kernel.wasm')
    const { status, stderr } = spawnSync(process.execPath, [ASC, 'assembly/index.ts', '--outFile', out, ...FLAGS], {
      cwd: ROOT,
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`assembly/ does not compile:\n${stderr}`)
    const code = readFileSync(out).toString('base64')
    return `// Made from assembly/ by scripts/kernel.ts.\nexport const KERNEL =\n  '${code}'\n`
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

if (process.argv[1] === import.meta.filename) {
  writeFileSync(CODE, kernelCode())
  process.stdout.write(`${CODE}\n`)
}
