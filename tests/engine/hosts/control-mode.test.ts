import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openControlParser } from '../../../src/engine/hosts/control-mode.ts'

const RECORDED = [
  '%begin 1795241206 273 0',
  '%end 1795241206 273 0',
  '%begin 1795241206 275 0',
  'l 1 \u001b[1mx\\ \u001b[0m',
  '%end 1 2 0',
  '%output %0 not output',
  '%end 1795241206 275 0',
  '%session-changed $0 a',
  '%extended-output %0 0 : l 4 \\033[1mx\\134 é\\015\\012',
  '%output %12 plain',
  '%subscription-changed vc-pane $0 @0 0 %0 : 0 120x30',
  '%pause %0',
  '%begin 1795241206 276 0',
  'no such command',
  '%error 1795241206 276 0',
  '%exit too far behind',
  '',
].join('\n')

const shown = (events: ReturnType<ReturnType<typeof openControlParser>['push']>) =>
  events.map((event) =>
    event.is === 'output' ? { ...event, bytes: Buffer.from(event.bytes).toString('utf8') } : event,
  )

describe('control mode of tmux', () => {
  const whole = shown(openControlParser().push(Buffer.from(RECORDED)))

  test('replies, output, pauses and what is watched come out in order', () => {
    expect(whole).toEqual([
      { is: 'reply', ok: true, lines: [] },
      { is: 'reply', ok: true, lines: ['l 1 \u001b[1mx\\ \u001b[0m', '%end 1 2 0', '%output %0 not output'] },
      { is: 'output', paneId: '%0', bytes: 'l 4 \u001b[1mx\\ é\r\n' },
      { is: 'output', paneId: '%12', bytes: 'plain' },
      { is: 'changed', name: 'vc-pane', value: '0 120x30' },
      { is: 'pause', paneId: '%0' },
      { is: 'reply', ok: false, lines: ['no such command'] },
      { is: 'exit', why: 'too far behind' },
    ])
  })

  test('however the bytes are cut', () => {
    const bytes = Buffer.from(RECORDED)
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 12 }), (cuts) => {
        const parser = openControlParser()
        const edges = [0, ...cuts.toSorted((a, b) => a - b), bytes.length]
        const events = edges.slice(1).flatMap((edge, at) => parser.push(bytes.subarray(edges[at], edge)))
        expect(shown(events)).toEqual(whole)
      }),
    )
  })
})
