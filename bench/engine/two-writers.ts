import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Figure } from '../bench.ts'
import { type Place, until } from './places.ts'

/** Two vc that know nothing of one another send messages to one pane; what its program read is compared line by line. */
export const twoWriters = async (place: Place, where: string, messages: number): Promise<Figure> => {
  const pane = await place.start('reader', 'stty -echo; exec cat >read.txt')
  const hosts = [place.host(), place.host()]
  const words = Array.from({ length: messages }, (_, i) => `${'ab'[i % 2]}-${String(i).padStart(4, '0')}-`.repeat(20))
  const from = performance.now()
  const typed = await Promise.all(words.map((text, i) => hosts[i % 2]?.type(pane.ref, { text, enterAfterMs: 10 })))
  const took = performance.now() - from
  const sent = typed.filter((one) => one?.is === 'typed').length
  const lines = (): readonly string[] => readFileSync(join(place.dir, 'read.txt'), 'utf8').split('\n').filter(Boolean)
  await until(() => lines().length >= sent, `${sent} lines`, 10_000).catch(() => undefined)
  const whole = lines().filter((line) => words.includes(line)).length
  const mixed = lines().length - whole
  await hosts[0]?.end(pane.ref, 200)
  return {
    ...{ what: `two writers, ${messages} messages to one pane, ${where}: mixed`, figure: `${mixed} (${whole} whole)` },
    ...{ baseline: `${(took / messages).toFixed(0)} ms each`, ratio: null },
    ...{ target: `0 mixed, ${messages} whole`, ok: mixed === 0 && whole === messages },
  }
}
