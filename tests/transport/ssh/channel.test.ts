import { EventEmitter } from 'node:events'
import type { ClientChannel } from 'ssh2'
import { describe, expect, test } from 'vitest'
import type { CommandEnd } from '../../../src/transport/run-watch.ts'
import { channelRun } from '../../../src/transport/ssh/channel.ts'
import type { Link } from '../../../src/transport/ssh/link.ts'

const link = { lost: () => null, onLost: () => () => {} } as unknown as Link

describe('a command over before anybody listens to it', () => {
  test.each<[string, unknown[], CommandEnd]>([
    ['its status', [1], { is: 'exit', code: 1 }],
    ['its signal', [null, 'SIGKILL'], { is: 'signal', signal: 'KILL' }],
    ['neither', [], { is: 'lost', class: 'transport', detail: 'the server closed the channel without an exit status' }],
  ])('is told with %s when its channel closes', (_, words, expected) => {
    const channel = Object.assign(new EventEmitter(), { end: () => {}, stderr: new EventEmitter() })
    // As ssh2 does when the answer to the request, the status and the end come in one packet.
    if (words.length > 0) channel.emit('exit', ...words)
    const ends: CommandEnd[] = []
    channelRun(link, channel as unknown as ClientChannel, '').onEnd((end) => ends.push(end))
    channel.emit('close', ...words)
    expect(ends).toEqual([expected])
  })
})
