import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cutRecord, cutText } from '../../../src/collectors/evidence/cut-text.ts'
import { printableBundle } from '../../../src/collectors/evidence/index.ts'
import { printableScreens } from '../../../src/collectors/evidence/screens.ts'
import { judgeBundle, parseBundle } from '../../../src/commands/explain-bundle.ts'
import { bundleNamed, labelledBundles } from '../../oracle/agent-bundles.ts'

const NAMES = labelledBundles().map(({ id }) => id)
const printed = (bundle: unknown): string =>
  JSON.stringify(printableBundle(bundle as Readonly<Record<string, unknown>>))

describe('a printed bundle', () => {
  test.each(NAMES)('%s judges again to the same verdict', (name) => {
    const bundle = bundleNamed(name)
    const again = parseBundle(printed(bundle))
    expect(judgeBundle(again)).toEqual(judgeBundle(bundle))
    expect(printed(again)).toBe(printed(bundle))
  })

  test.each(NAMES)('%s carries nobody’s words in its tail and no socket', (name) => {
    const text = printed(bundleNamed(name))
    const { transcript_tail, live_state } = JSON.parse(text)
    expect(JSON.stringify(live_state)).not.toContain('messagingSocketPath')
    // the prompts and answers of all recorded runs
    expect(JSON.stringify(transcript_tail)).not.toMatch(/amount parser|The totals are|yearly sums|I will/)
  })

  test('keeps what the CLI itself said went wrong', () => {
    const limit = {
      type: 'assistant',
      isApiErrorMessage: true,
      message: { content: [{ type: 'text', text: 'You hit your limit' }] },
    }
    expect(cutRecord(limit)).toEqual(limit)
    const prompt = { type: 'user', message: { content: '<command-name>/clear</command-name> sk-ant-not-shown' } }
    expect(cutRecord(prompt)).toEqual({
      type: 'user',
      message: { content: expect.stringMatching(/^<command-name>\[text \d+ #[0-9a-f]{8}\]$/) },
    })
  })

  test('cutting is done once', () => {
    fc.assert(fc.property(fc.string(), (text) => cutText(cutText(text)) === cutText(text)))
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const once = JSON.stringify(cutRecord(value))
        return JSON.stringify(cutRecord(JSON.parse(once))) === once
      }),
    )
  })
})

const SECRET = 'sk-ant-api03-AbCdEf0123456789AbCdEf0123456789'

describe('a printed screen', () => {
  test('shows no secret that stands in one row, whatever its colours', () => {
    const ansi = `\u001b[1m$ \u001b[32mexport\u001b[0m KEY=${SECRET.slice(0, 9)}\u001b[1m${SECRET.slice(9)}\u001b[0m\nok\n`
    const found = printableScreens({ screen: `$ export KEY=${SECRET}\nok\n`, screen_ansi: ansi })
    expect(JSON.stringify(found)).not.toContain('AbCdEf')
    expect(found.screen_ansi?.split('\n')[1]).toBe('ok')
  })

  test('shows no secret that is wrapped over rows', () => {
    const line = `token: ${SECRET} end`
    const ansi = `head\n${line.slice(0, 20)}\n\u001b[2m${line.slice(20)}\u001b[0m\ntail\n`
    const found = printableScreens({ screen: `head\n${line}\ntail\n`, screen_ansi: ansi })
    expect(found.screen).toContain('[redacted')
    expect(found.screen_ansi).not.toMatch(/sk-ant|AbCdEf/)
    expect(found.screen_ansi?.split('\n')).toHaveLength(5)
  })

  test('shows no secret when the two captures do not fit together', () => {
    const found = printableScreens({ screen: 'a\nb\n', screen_ansi: `key=${SECRET}\n` })
    expect(found.screen_ansi).toBe('a\nb\n')
  })

  test('shows no private key that fills the screen', () => {
    const key =
      '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQ\nAASCBKcwggSjAgEAAoIBAQC7\n-----END PRIVATE KEY-----\n$ '
    const found = printableScreens({ screen: key, screen_ansi: key.replace('MIIE', '\u001b[1mMIIE') })
    expect(JSON.stringify(found)).not.toMatch(/MIIE|AASCBK/)
  })

  test('holds nothing a terminal would obey but colours', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom(
            'a',
            '\u001b',
            '[',
            ']',
            '31m',
            '2J',
            '\u0007',
            '\u009b',
            '0;evil',
            '\r',
            '\u202e',
            '\n',
            '8;;x',
          ),
        ),
        (parts) => {
          const text = parts.join('')
          const found = printableScreens({ screen: text, screen_ansi: text })
          const steering = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/
          expect(found.screen).not.toMatch(steering)
          expect(found.screen_ansi?.replace(/\u001b\[[0-9;:]*m/g, '')).not.toMatch(steering)
        },
      ),
    )
  })
})
