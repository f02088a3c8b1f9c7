import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { atMost, type Bench } from '../bench.ts'
import { interleavedMedians, processMs } from '../measure/interleaved.ts'

const ROOT = join(import.meta.dirname, '../..')

/** `npm start` on an empty home until the fleet table stands, then Ctrl-C. */
const firstTableMs = async (): Promise<number> => {
  const home = mkdtempSync(join(tmpdir(), 'vc-first-'))
  const env = { HOME: home, PATH: process.env.PATH ?? '', NO_COLOR: '1', LANG: 'C.UTF-8', TMUX_TMPDIR: home }
  const from = performance.now()
  const child = spawn('npm', ['start', '--silent'], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  })
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  let said = ''
  try {
    return await new Promise<number>((resolve, reject) => {
      child.stdout.on('data', (chunk: Buffer) => {
        said += chunk.toString('utf8')
        // The line under the table: what stands above it is the table.
        if (/^socket /m.test(said)) resolve(performance.now() - from)
      })
      void gone.then(() => reject(new Error(`npm start ended before its table: ${said}`)))
    })
  } finally {
    // The group: npm, the launcher and vc itself, as Ctrl-C in a terminal.
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGINT')
    await gone
    rmSync(home, { recursive: true, force: true })
  }
}

export const firstTable: Bench = {
  name: 'first-table',
  about: 'npm start after install on an empty machine: the first fleet table',
  async run({ full }) {
    const env = { PATH: process.env.PATH ?? '', HOME: tmpdir() }
    const ms = await interleavedMedians(full ? 7 : 3, {
      empty: () => processMs(process.execPath, ['-e', ''], env),
      vc: firstTableMs,
    })
    return [
      atMost({
        what: 'npm start, first table',
        figure: `${(ms.vc / 1000).toFixed(2)} s`,
        baseline: `empty script ${ms.empty.toFixed(0)} ms`,
        ratio: ms.vc / ms.empty,
        value: ms.vc / 1000,
        limit: 3,
        unit: ' s',
      }),
    ]
  },
}
