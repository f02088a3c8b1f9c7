import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Figure } from '../bench.ts'
import { type Place, until } from './places.ts'

const SCRIPT = `trap '' TERM HUP
setsid sh -c 'trap "" TERM HUP; echo $$ >>PIDS; while :; do sleep 1; done' &
(setsid sh -c 'trap "" TERM HUP; echo $$ >>PIDS; while :; do sleep 1; done' &)
echo $$ >>PIDS
while :; do sleep 1; done`

const lives = (pid: number): boolean => {
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

/** Processes that ignore TERM and HUP, with a session of their own, one with its parent gone: each must end or be named. */
export const stubborn = async (place: Place, where: string, rounds: number): Promise<Figure> => {
  const host = place.host()
  let [unsaid, ended, named] = [0, 0, 0]
  for (let round = 0; round < rounds; round++) {
    const pane = await place.start(`stubborn${round}`, SCRIPT.replaceAll('PIDS', `pids${round}`))
    const pids = (): number[] => {
      try {
        return readFileSync(join(place.dir, `pids${round}`), 'utf8')
          .split('\n')
          .filter(Boolean)
          .map(Number)
      } catch {
        return []
      }
    }
    await until(() => pids().length === 3, 'three processes')
    const end = await host.end(pane.ref, 300)
    const survivors = end.is === 'ended' ? end.survivors.map(({ pid }) => pid) : []
    for (const pid of pids()) {
      if (!lives(pid)) ended += 1
      else if (survivors.includes(pid)) named += 1
      else unsaid += 1
      if (lives(pid)) process.kill(pid, 'SIGKILL')
    }
  }
  return {
    ...{ what: `children that ignore HUP and TERM, setsid grandchildren, ${where}: left unsaid`, figure: `${unsaid}` },
    ...{ baseline: `${ended} ended, ${named} named as survivors`, ratio: null, target: '0', ok: unsaid === 0 },
  }
}
