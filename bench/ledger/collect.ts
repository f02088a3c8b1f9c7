// `vc collect` and `vc robot usage` as a user of the built program types them, over the transcripts of a corpus.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { Installed } from '../measure/installed.ts'

export interface CollectorRun {
  readonly collector: string
  readonly up: boolean
  readonly bytes: number
  readonly rows: number
  readonly duration_ms: number
}

export interface UsageGroup {
  readonly key: string | null
  readonly messages: number
  readonly input_tokens: number
  readonly output_tokens: number
  readonly cache_read_tokens: number
  readonly cache_write_tokens: number
  readonly reasoning_tokens: number
}

/** A user whose transcripts are those of the corpus and whose store is empty. */
export const openUser = (vc: Installed, corpus: string, name: string) => {
  const { home, env: bare } = vc.user(name)
  for (const folder of ['.claude', '.codex']) symlinkSync(join(corpus, folder), join(home, folder))
  const env = { ...bare, CLAUDE_CONFIG_DIR: join(corpus, 'second') }
  const say = (...args: readonly string[]) => {
    const ran = spawnSync(process.execPath, [vc.bin, ...args], { env, cwd: home, encoding: 'utf8', maxBuffer: 1 << 28 })
    if (ran.status !== 0) throw new Error(`vc ${args.join(' ')} ended with ${ran.status}: ${ran.stderr.slice(0, 300)}`)
    return JSON.parse(ran.stdout)
  }
  return {
    /** All is committed when the answer is told; then it is judged, the log is written back into the file, and the process ends. */
    async collect(): Promise<{
      readonly toldMs: number
      readonly endedMs: number
      readonly runs: readonly CollectorRun[]
    }> {
      const from = performance.now()
      const child = spawn(process.execPath, [vc.bin, 'collect', '--json'], { env, cwd: home })
      let told = ''
      let words = ''
      let toldMs = 0
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        told += text
        toldMs = performance.now() - from
      })
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        words += text
      })
      const [code] = await once(child, 'close')
      if (code !== 0) throw new Error(`vc collect ended with ${code}: ${words.slice(0, 300)}`)
      return { toldMs, endedMs: performance.now() - from, runs: JSON.parse(told).runs }
    },
    usage: (by: string): readonly UsageGroup[] =>
      say('robot', 'usage', '--by', by, '--since', '2020-01-01', '--json').data.groups,
    /** The store as it was before the first look. */
    forget(): void {
      for (const part of ['.local', '.config']) rmSync(join(home, part), { recursive: true, force: true })
      mkdirSync(join(home, '.local'), { recursive: true })
    },
  }
}
