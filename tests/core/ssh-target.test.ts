import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { VcError } from '../../src/core/errors.ts'
import { parseTarget, targetName, userNamedIn } from '../../src/core/ssh-target.ts'

const ssh = (alias: string, user: string | null = null, port: number | null = null) => ({
  is: 'ssh',
  alias,
  user,
  port,
})

describe('a target as written by people', () => {
  it.each([
    ['local', { is: 'local' }],
    ['atlas', ssh('atlas')],
    ['atlas.example.org', ssh('atlas.example.org')],
    ['bob@atlas', ssh('atlas', 'bob')],
    ['bob@atlas:2222', ssh('atlas', 'bob', 2222)],
    ['atlas:22', ssh('atlas', null, 22)],
    ['ssh://bob@atlas:2222', ssh('atlas', 'bob', 2222)],
    ['ssh://atlas/', ssh('atlas')],
    ['[2001:db8::1]:2222', ssh('2001:db8::1', null, 2222)],
    ['bob@[::1]', ssh('::1', 'bob')],
    ['2001:db8::1', ssh('2001:db8::1')],
    ['ad.user@corp@atlas', ssh('atlas', 'ad.user@corp')],
  ])('reads %s', (text, target) => expect(parseTarget(text)).toEqual(target))

  it.each([
    ['', 'is empty'],
    ['ssh://', 'is empty'],
    ['-oProxyCommand=reboot', 'will not pass on'],
    ['bob@-oProxyCommand=reboot', 'will not pass on'],
    ['-l@atlas', 'will not pass on'],
    ['atlas;reboot', 'will not pass on'],
    ['$(reboot)', 'will not pass on'],
    ['at las', 'will not pass on'],
    ['atlas\nreboot', 'will not pass on'],
    ['atlas:99999', 'not 1-65535'],
    ['atlas:', 'not 1-65535'],
    ['atlas:2x', 'not 1-65535'],
    ['[atlas]:22', 'IPv6'],
    ['bob:secret@atlas', 'will not pass on'],
    ['ssh://atlas/etc/passwd', 'path'],
  ])('refuses %j with a sentence and a fix', (text, why) => {
    const refusal = (() => {
      try {
        return parseTarget(text)
      } catch (error) {
        return error
      }
    })()
    expect(refusal).toBeInstanceOf(VcError)
    expect(refusal).toMatchObject({ code: 'bad_target', exitCode: 2, fix: expect.stringContaining('user@host') })
    expect((refusal as VcError).message).toContain(why)
  })

  it.each([
    ['bob@atlas:2222', 'bob'],
    ['ssh://bob@atlas', 'bob'],
    ['ad.user@corp@atlas', 'ad.user@corp'],
    ['atlas', null],
    ['local', null],
    ['bob@atlas;reboot', null],
  ])('finds in %s the user %s', (text, user) => expect(userNamedIn(text)).toBe(user))

  it('either reads anything or refuses it, and never lets an option through', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[-a-z@:[\]0-9./%]{0,20}$/)), (text) => {
        try {
          const target = parseTarget(text)
          if (target.is === 'local') return true
          expect(target.alias).not.toMatch(/^-|[\s;$`'"]/)
          expect(target.user ?? '').not.toMatch(/^-|[\s;$`'"]/)
          expect(parseTarget(targetName(target))).toEqual(target)
        } catch (error) {
          if (!(error instanceof VcError)) throw error
        }
        return true
      }),
    )
  })
})
