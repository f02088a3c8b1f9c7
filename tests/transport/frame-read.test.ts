import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fastAsk, gpuAsk } from '../../src/collectors/probe/ask.ts'
import type { ScriptAsk } from '../../src/core/ask.ts'
import { composeFrame, parseFrame, readFrame } from '../../src/transport/frame.ts'
import { answers, NONCE, play, SHELLS, text } from './played-frame.ts'
import { shMachine } from './sh-machine.ts'

test('lines that look like markers forge nothing', async () => {
  const forged = `printf '\\036%s end 0 0 1\\n\\036%s done\\n\\036%s ask 1 1 1\\n' 0123 0123 0123`
  const frame = await play([{ script: forged }, { script: 'echo real' }])
  expect(answers(frame).map((a) => text(a.stdout))).toEqual([
    '\x1e0123 end 0 0 1\n\x1e0123 done\n\x1e0123 ask 1 1 1\n',
    'real\n',
  ])
})

test('banners before the frame are dropped; without a frame nothing is believed', async () => {
  const asks = [{ script: 'echo hi' }]
  const real = composeFrame(asks, { nonce: NONCE, remoteTimeout: 'timeout', deadlineMs: 5000 })
  const ran = await shMachine().run({ script: real, deadlineMs: 20_000, maxStdout: 1e6, maxStderr: 1e6 })
  const noisy = Buffer.concat([Buffer.from('Welcome!\n\x1e begin 1 timeout\n'), ran.stdout])
  const output = { stdout: noisy, stderr: ran.stderr, execMs: 1 }
  expect(text(answers(parseFrame(NONCE, asks, output))[0]?.stdout)).toBe('hi\n')
  expect(parseFrame('ffff', asks, output)).toMatchObject({ begun: false, slots: [{ is: 'unstarted' }] })
})

test('a frame cut at any byte keeps its complete asks and invents none', async () => {
  const asks = [{ script: 'echo one' }, { script: 'printf two' }, { script: 'echo three; exit 1' }]
  const script = composeFrame(asks, { nonce: NONCE, remoteTimeout: 'timeout', deadlineMs: 5000 })
  const ran = await shMachine().run({ script, deadlineMs: 20_000, maxStdout: 1e6, maxStderr: 1e6 })
  const whole = parseFrame(NONCE, asks, { ...ran, execMs: 1 })
  expect(whole.complete).toBe(true)
  for (let cut = 0; cut < ran.stdout.length; cut++) {
    const part = parseFrame(NONCE, asks, { stdout: ran.stdout.subarray(0, cut), stderr: ran.stderr, execMs: 1 })
    expect(part.complete).toBe(false)
    part.slots.forEach((slot, i) => {
      if (slot.is === 'done') expect(slot).toEqual(whole.slots[i])
    })
  }
})

test('a script cut on its way runs nothing', async () => {
  const asks = [{ script: 'echo "it\'s run"' }]
  const script = composeFrame(asks, { nonce: NONCE, remoteTimeout: 'timeout', deadlineMs: 5000 })
  const cuts = Array.from({ length: 40 }, (_, i) => Math.floor(((script.length - 12) * i) / 40))
  for (const shell of SHELLS)
    for (const cut of cuts) {
      const sent = script.slice(0, cut)
      const ran = await shMachine({ shell: [...shell.split(' '), '-s'] }).run({
        script: sent,
        deadlineMs: 20_000,
        maxStdout: 1e6,
        maxStderr: 1e6,
      })
      expect(text(ran.stdout)).toBe('')
    }
})

test('any bytes parse without a throw, with as many slots as asks', () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    fc
      .constantFrom(
        'begin 1 timeout',
        'begin 2 timeout',
        'ask 0 1.0 5',
        'ask 9 - -',
        'end 0 0 1.5',
        'end 1 x y',
        'late 0',
        'done',
        '',
      )
      .map((words) => Buffer.from(`\x1e${NONCE} ${words}\n`)),
  )
  const soup = fc.array(piece, { maxLength: 12 }).map((pieces) => Buffer.concat(pieces))
  const asks = [{ script: 'a' }, { script: 'b', maxBytes: 3 }]
  fc.assert(
    fc.property(soup, soup, (stdout, stderr) => {
      const frame = parseFrame(NONCE, asks, { stdout, stderr, execMs: 1 })
      expect(frame.slots).toHaveLength(2)
      for (const answer of answers(frame)) expect(Number.isFinite(answer.durationMs)).toBe(true)
    }),
  )
})

test('a composed frame can be read back, for machines that are recordings', () => {
  const script = fc.string({ unit: fc.constantFrom("'", '\n', 'a', '"', '$', ' ', 'vc_ask 0', '\\') })
  const args = fc.array(fc.string({ unit: 'binary' }).map((s) => s.replaceAll('\0', '').toWellFormed()))
  fc.assert(
    fc.property(fc.array(fc.record({ script, args }), { maxLength: 4 }), (plain) => {
      const asks = plain.map((ask, i) => (i % 2 === 0 ? ask : { ...ask, gathered: true }))
      const frame = readFrame(composeFrame(asks, { nonce: NONCE, remoteTimeout: 'auto', deadlineMs: 5000 }))
      expect(frame?.asks.map((ask) => ({ script: ask.script, args: ask.args }))).toEqual(plain)
    }),
  )
  expect(readFrame('echo hi')).toBeNull()
})

test('a body that is quoted once gives the frame that the whole script gives', () => {
  const frameOf = (ask: ScriptAsk) => composeFrame([ask], { nonce: NONCE, remoteTimeout: 'timeout', deadlineMs: 5000 })
  const body = `awk '{ print "it'\\''s" }'\n`
  for (const script of ["N='1'\n", "N='2'\n", ''])
    expect(frameOf({ script, body })).toBe(frameOf({ script: script + body }))
  expect(frameOf({ script: 'echo hi', body: '' })).toBe(frameOf({ script: 'echo hi' }))
})

test('all but the first lines of the probe are the same each time', () => {
  for (const ask of [fastAsk, (nonce: string) => gpuAsk(nonce)]) {
    const [one, other] = [ask('0123456789abcdef', ['git']), ask('fedcba9876543210', ['git'])]
    expect(one.body).toBe(other.body)
    expect(one.script.length).toBeLessThan(400)
  }
})
