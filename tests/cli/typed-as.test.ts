import { expect, test } from 'vitest'
import { asTyped, typedAs } from '../../src/cli/typed-as.ts'

const here = { typedAs: 'npx vc' } as const

test('a checkout that npm started is typed through npm, and what it starts is not told so', () => {
  const env: Record<string, string | undefined> = { VC_TYPED_AS: 'npx vc' }
  expect(typedAs(env, true)).toBe('npx vc')
  expect(env).not.toHaveProperty('VC_TYPED_AS')
  expect(typedAs(env, true)).toBe('vc')
  expect(typedAs({ npm_lifecycle_event: 'npx', npm_lifecycle_script: "'vc' 'status'" }, true)).toBe('npx vc')
  expect(typedAs({ npm_lifecycle_event: 'npx', npm_lifecycle_script: "'vitest' run" }, true)).toBe('vc')
})

test('an installed one is typed by its name, whatever started it', () => {
  expect(typedAs({ VC_TYPED_AS: 'npx vc' }, false)).toBe('vc')
  expect(typedAs({ npm_lifecycle_event: 'npx', npm_lifecycle_script: "'vc'" }, false)).toBe('vc')
})

test.each([
  ['run: vc config lint', 'run: npx vc config lint'],
  ['vc daemon stop, or vc --config ops.toml status', 'npx vc daemon stop, or npx vc --config ops.toml status'],
  ['did you mean: npx vc doctor', 'did you mean: npx vc doctor'],
  ['another vc is writing, and vc never loads it', 'another vc is writing, and vc never loads it'],
  ['look at /srv/vc status and ./vc up', 'look at /srv/vc status and ./vc up'],
])('%j is typed %j there, and as it stands elsewhere', (text, typed) => {
  expect(asTyped(here, text)).toBe(typed)
  expect(asTyped({}, text)).toBe(text)
})
