import { readdirSync, readFileSync } from 'node:fs'
import type { EvidenceBundle } from '../../src/commands/explain-bundle.ts'

export interface Labelled {
  readonly id: string
  readonly cli: string
  readonly truth: string
  readonly alsoOk: readonly string[]
  /** The evidence alone: what a person would have reported, without labels. */
  readonly bundle: EvidenceBundle
}

const DIR = new URL('../fixtures/evidence/', import.meta.url)
const LABELS = new Set(['truth', 'also_ok', 'state_since', 'note', 'tags'])

/** The recorded, labelled bundles, labels cut off. */
export const labelledBundles = (): readonly Labelled[] =>
  readdirSync(DIR)
    .filter((name) => name !== 'index.json')
    .map((name) => {
      const all = JSON.parse(readFileSync(new URL(name, DIR), 'utf8')) as Record<string, unknown>
      const bundle = Object.fromEntries(Object.entries(all).filter(([key]) => !LABELS.has(key)))
      return {
        id: String(all.id),
        cli: String(all.cli),
        truth: String(all.truth),
        alsoOk: (all.also_ok as string[]) ?? [],
        bundle,
      }
    })

export const bundleNamed = (id: string): EvidenceBundle => {
  const found = labelledBundles().find((item) => item.id === id)
  if (found === undefined) throw new Error(`no recorded bundle ${id}`)
  return found.bundle
}

export const isRight = (item: Labelled, state: string): boolean => state === item.truth || item.alsoOk.includes(state)

type Loose = Record<string, unknown>
const withTitle = (value: unknown, title: string): unknown =>
  Array.isArray(value) || typeof value !== 'object' ? value : { ...(value as Loose), title }

/** Ways to lose one source. */
export const DROPS: Readonly<Record<string, (bundle: EvidenceBundle) => EvidenceBundle>> = {
  'live state': (bundle) => ({ ...bundle, live_state: {} }),
  title: (bundle) => ({
    ...bundle,
    pane: { ...(bundle.pane as Loose), pane_title: 'host', title: 'host' },
    live_state: Object.fromEntries(
      Object.entries(bundle.live_state as Loose).map(([key, value]) => [key, withTitle(value, 'host')]),
    ),
  }),
  transcript: (bundle) => ({ ...bundle, transcript_tail: [], transcript_path: null, transcript_mtime: null }),
  screen: (bundle) => ({ ...bundle, screen: null, screen_ansi: null }),
  processes: (bundle) => ({ ...bundle, processes: null }),
}
