import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

interface Locked {
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const { packages } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package-lock.json'), 'utf8')) as {
  packages: Readonly<Record<string, Locked>>
}

// npm drops the entries of other platforms when it changes a lock file beside an installed tree; `npm ci` then refuses it.
// Remedy: write the lock file anew in an empty folder (npm install --package-lock-only), and pin versions that exist whole.
test('the lock file names every platform package, so that npm ci takes it on every machine', () => {
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !(`node_modules/${name}` in packages) && !(`${path}/node_modules/${name}` in packages))
      .map((name) => `${path}: ${name}`),
  )
  expect(missing).toEqual([])
})

test('no package comes from a named host', () => {
  expect(
    Object.values(packages).filter((entry) => 'resolved' in entry && /^https?:/.test(String(entry.resolved))),
  ).toEqual([])
})
