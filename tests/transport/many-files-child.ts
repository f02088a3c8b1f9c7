// Opens files until no more may be open, then starts a program and a job. Started by many-files.test.ts with a low limit.
import { closeSync, openSync } from 'node:fs'
import { openJobRunner } from '../../src/transport/jobs.ts'
import { startProcess } from '../../src/transport/local-process.ts'

const open: number[] = []
try {
  for (;;) open.push(openSync('/dev/null', 'r'))
} catch {
  // that was the last one
}
const live = startProcess(['true'], 'input')
live.stdout.resume()
const ended = await new Promise((resolve) => live.onEnd(resolve))
await live.stop()
const job = {
  entry: new URL('./jobs-child.ts', import.meta.url),
  input: {},
  wallMs: 1000,
  maxRssBytes: 1e9,
  maxOutputBytes: 1e6,
}
const child = openJobRunner().start(job)
const lines: string[] = []
for await (const line of child.lines) lines.push(line)
const report = await child.ended
for (const fd of open) closeSync(fd)
console.log(JSON.stringify({ ended, lines, end: report.end }))
process.exit(0)
