import { spawnSync } from 'node:child_process'

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

/** Runs each case in turn, `rounds` times over, and gives the median of each: what loads the machine loads all alike. */
export const interleavedMedians = async <Name extends string>(
  rounds: number,
  cases: Readonly<Record<Name, () => number | Promise<number>>>,
): Promise<Record<Name, number>> => {
  const names = Object.keys(cases) as Name[]
  const values = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>
  for (let round = 0; round < rounds; round++) for (const name of names) values[name].push(await cases[name]())
  return Object.fromEntries(names.map((name) => [name, median(values[name])])) as Record<Name, number>
}

/** Wall time of a whole process in ms; throws when it fails. */
export const processMs = (file: string, args: readonly string[], env: NodeJS.ProcessEnv): number => {
  const from = performance.now()
  const ran = spawnSync(file, args, { env, encoding: 'utf8' })
  const ms = performance.now() - from
  if (ran.status !== 0) throw new Error(`${args.join(' ')} ended with ${ran.status}: ${ran.stderr}`)
  return ms
}
