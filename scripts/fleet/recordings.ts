import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const FIXTURES = join(import.meta.dirname, '../../tests/fixtures')

type Json = Readonly<Record<string, unknown>>

/** A real agent, looked at once: its screen with colours, and what its CLI had written down by then. */
export interface Recording {
  readonly screen: string
  readonly ansi: string
  readonly columns: number
  readonly rows: number
  readonly bundle: Json
}

const SGR = /\u001b\[[0-9;:]*m/g

// Recorded in folders of a home; the demo's projects lie elsewhere, in a path that is as long.
const moved = (screen: string): string => screen.replaceAll('/home/dev/', '/srv/code/')

const readFixture = (path: string): string => readFileSync(join(FIXTURES, path), 'utf8')

/** A recording of tests/fixtures/evidence, under the screen it was taken from or another one of tests/fixtures/screens. */
export const recordingOf = (id: string, screenOf?: string): Recording => {
  const bundle = JSON.parse(readFixture(`evidence/${id}.json`)) as Json
  const pane = bundle.pane as Json
  if (screenOf === undefined)
    return {
      bundle,
      screen: moved(String(bundle.screen)).trimEnd(),
      ansi: moved(String(bundle.screen_ansi)).replace(/\n+$/, ''),
      columns: Number(pane.pane_width),
      rows: Number(pane.pane_height),
    }
  const ansi = moved(readFixture(`screens/${screenOf}.ansi`)).replace(/\n+$/, '')
  const lines = ansi.replaceAll(SGR, '').split('\n')
  return {
    bundle,
    screen: moved(readFixture(`screens/${screenOf}.txt`)).trimEnd(),
    ansi,
    columns: Math.max(...lines.map((line) => [...line].length)),
    rows: lines.length,
  }
}
