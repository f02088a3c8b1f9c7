import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseGit } from '../../../src/collectors/git/parse.ts'
import { canonicalRemote, repoId, repoName, shownRemote } from '../../../src/collectors/git/remote.ts'
import { parseStatus } from '../../../src/collectors/git/status.ts'

const recorded = (name: string): string =>
  readFileSync(new URL(`../../fixtures/git/${name}`, import.meta.url)).toString()

const status = (name: string) => parseStatus(recorded(`status.${name}.recorded.bin`))

describe('recorded status', () => {
  const clean = {
    staged: 0,
    unstaged: 0,
    untracked: 0,
    conflicted: 0,
    stashes: 0,
    ahead: 0,
    behind: 0,
    detached: false,
  }

  test.each([
    ['clean', { ...clean, branch: 'main', upstream: 'origin/main', upstreamGone: false }],
    ['ahead_dirty_untracked', { ...clean, ahead: 1, unstaged: 1, untracked: 1 }],
    ['behind', { ...clean, behind: 3 }],
    ['diverged', { ...clean, ahead: 1, behind: 1 }],
    ['conflict', { ...clean, ahead: 1, conflicted: 1 }],
    ['detached', { branch: null, detached: true, ahead: null, behind: null, upstream: null, upstreamGone: false }],
    [
      'no_upstream',
      { branch: 'feature/new-thing', upstream: null, upstreamGone: false, ahead: null, behind: null, untracked: 1 },
    ],
    [
      'upstream_gone',
      { branch: 'topic', upstream: 'origin/deleted-remote', upstreamGone: true, ahead: null, behind: null },
    ],
    ['stash', { ...clean, ahead: 1, stashes: 1, untracked: 1 }],
    ['unborn', { branch: 'master', headOid: null, ahead: null }],
    ['rename_staged_unicode', { ...clean, staged: 2, unstaged: 1, untracked: 3 }],
  ])('%s', (name, expected) => {
    expect(status(name)).toMatchObject(expected)
  })

  test('names that imitate records are not counted', () => {
    const hostile =
      '# branch.oid (initial)\0# branch.head main\x002 R. N... 1 1 1 a b R100 new\0? old name\0? 1 MM\n# branch.ab +9 -9\0'
    expect(parseStatus(hostile)).toMatchObject({ staged: 1, untracked: 1, ahead: null })
  })

  test('arbitrary text never throws', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom('# branch.ab +1 -1', '2 ', '1 ', 'u', '? '))),
        (parts) => {
          parseStatus(parts.join('\0'))
        },
      ),
    )
    fc.assert(
      fc.property(fc.uint8Array(), fc.array(fc.string()), (bytes, fields) => {
        expect(parseGit(bytes)).toEqual({ is: 'no_begin' })
        const frame = fields.map((field) => `\u001f0123456789abcdef${field}`).join('')
        parseGit(Buffer.from(`vc-git 1 0123456789abcdef x\n\u001e0123456789abcdef R 1${frame}`))
      }),
    )
  })
})

describe('remotes', () => {
  test('one repository has one id, whatever the way to it', () => {
    const forms = [
      'https://github.com/Acme/Gamma.git',
      'https://user:secret@github.com/acme/gamma',
      'https://ghp_token@github.com:443/acme/gamma/',
      'git@github.com:acme/gamma.git',
      'ssh://git@github.com:22/acme/gamma.git',
      'git://github.com/acme/gamma',
    ]
    expect(new Set(forms.map(canonicalRemote))).toEqual(new Set(['github.com/acme/gamma']))
    expect(new Set(forms.map((url) => repoId(url, 'atlas', `/${url}`))).size).toBe(1)
    expect(repoName(forms[0] ?? null, '/x')).toBe('Gamma')
  })

  test('a local path, a helper or nothing is a checkout of its own, per machine', () => {
    for (const url of ['/srv/git/x.git', '../x', 'file:///srv/x', 'ext::sh -c secret', 'https://host', '']) {
      expect(canonicalRemote(url)).toBeNull()
      expect(repoId(url, 'atlas', '/a')).toBe(repoId(null, 'atlas', '/a'))
    }
    expect(repoId(null, 'atlas', '/a')).not.toBe(repoId(null, 'borg', '/a'))
  })

  test('no login, token or query is ever shown', () => {
    expect(shownRemote('https://user:secret@host/a/b.git?token=x#y')).toBe('https://host/a/b.git')
    expect(shownRemote('https://ghp_abc@host:8443/a/b')).toBe('https://host:8443/a/b')
    expect(shownRemote('ssh://git:secret@host/a')).toBe('ssh://git@host/a')
    expect(shownRemote('git@host:a/b.git')).toBe('git@host:a/b.git')
    expect(shownRemote('ext::sh -c secret')).toBeNull()
    const part = fc.stringMatching(/^[a-z0-9]{1,12}$/)
    fc.assert(
      fc.property(part, fc.constantFrom('https', 'http', 'ssh', 'git'), (name, scheme) => {
        expect(shownRemote(`${scheme}://${name}:CANARY@host/${name}/r.git?k=CANARY`) ?? '').not.toContain('CANARY')
      }),
    )
  })
})
