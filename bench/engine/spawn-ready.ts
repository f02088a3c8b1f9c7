import { atMost, type Figure } from '../bench.ts'
import { median, type Place, textOf } from './places.ts'

/** Start of a shell until its prompt was seen on the screen, beside an empty script on the same way. */
export const spawnToReady = async (place: Place, where: string, rounds: number, limitMs: number): Promise<Figure> => {
  const host = place.host()
  const empty = async (): Promise<number> => {
    const from = performance.now()
    await place.executor.run({ script: 'exit 0', deadlineMs: 10_000, maxStdout: 1_000, maxStderr: 1_000 })
    return performance.now() - from
  }
  const spawn = async (nth: number): Promise<number> => {
    const from = performance.now()
    const pane = await place.start(`ready${nth}`, 'PS1="ready> " ENV= exec sh -i')
    while (!(await textOf(host, pane)).includes('ready>'))
      if (performance.now() - from > 20_000) throw new Error('no prompt')
    const took = performance.now() - from
    await host.end(pane.ref, 200)
    return took
  }
  // the first starts the server and the connection
  await spawn(-1)
  const [spawns, empties]: [number[], number[]] = [[], []]
  for (let nth = 0; nth < rounds; nth++) {
    empties.push(await empty())
    spawns.push(await spawn(nth))
  }
  const [value, base] = [median(spawns), median(empties)]
  return atMost({
    ...{ what: `spawn to ready, shell on tmux, ${where} (median of ${rounds})`, figure: `${value.toFixed(0)} ms` },
    ...{ baseline: `empty script ${base.toFixed(1)} ms`, ratio: value / base, value, limit: limitMs, unit: ' ms' },
  })
}
