// A child that does as it is told: echo, hang, eat memory, flood, fail, outlive.
import { createInterface } from 'node:readline'

const lines = createInterface({ input: process.stdin })
const task = JSON.parse(await new Promise<string>((resolve) => lines.once('line', resolve))) as {
  do: string
  text?: string
}
const held: Buffer[] = []

switch (task.do) {
  case 'echo':
    process.stdout.write(`${task.text}\nsecond\n`)
    break
  case 'env':
    process.stdout.write(
      `${JSON.stringify({ env: Object.keys(process.env).sort(), nice: (await import('node:os')).getPriority() })}\n`,
    )
    break
  case 'hang':
    for (;;) Math.random()
  case 'eat':
    setInterval(() => held.push(Buffer.alloc(20_000_000, 1)), 10)
    break
  case 'flood':
    for (;;)
      if (!process.stdout.write('x'.repeat(10_000)))
        await new Promise((resolve) => process.stdout.once('drain', resolve))
  case 'fail':
    process.stderr.write('it broke')
    process.exit(7)
}
if (task.do !== 'eat') process.exit(0)
