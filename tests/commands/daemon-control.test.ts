import { expect, test } from 'vitest'
import { type ControlPorts, type DaemonPing, startDaemon, stopDaemon } from '../../src/commands/daemon-control.ts'
import { refusalOf } from '../../src/core/refusal.ts'

const PING: DaemonPing = { pid: 4711, version: '1.0.0', startedAt: '2026-11-20T08:00:00Z' }

/** A daemon that answers as scripted, ping by ping; a port nobody announced complains. */
const ports = (pings: readonly (DaemonPing | null)[], given: Partial<ControlPorts> = {}): ControlPorts => {
  const left = [...pings]
  const absent = (name: string) => (): never => {
    throw new Error(`nobody announced ${name}()`)
  }
  return {
    ping: async () => (left.length > 1 ? (left.shift() ?? null) : (left[0] ?? null)),
    launch: absent('launch'),
    end: absent('end'),
    alive: absent('alive'),
    holder: async () => null,
    output: absent('output'),
    outputRefusal: absent('outputRefusal'),
    boundOutput: () => undefined,
    ...given,
  }
}

test('a started daemon is reported when it answers, not when it was launched', async () => {
  const started = await startDaemon(
    ports([null, null, PING], { launch: () => 4711, alive: () => true, output: async () => '' }),
    '/log/daemon.out',
  )
  expect(started).toEqual(PING)
})

test('a second daemon is refused by its pid before anything is launched', async () => {
  await expect(startDaemon(ports([PING]), '/log/daemon.out')).rejects.toMatchObject({
    code: 'already_running',
    exitCode: 4,
    message: expect.stringContaining('4711'),
  })
})

test('a daemon that ends at once is heard: its own last sentence and fix, not those of an older start', async () => {
  const before = 'vc: an older trouble\n  fix: an older fix\n'
  let said = before
  const control = ports([null], {
    launch: () => {
      said += 'vc: /data belongs to uid 7, not to you (uid 0)\n  fix: name another place\n'
      return 4711
    },
    alive: () => false,
    output: async () => said,
  })
  await expect(startDaemon(control, '/log/daemon.out')).rejects.toMatchObject({
    code: 'daemon_ended',
    message: 'the daemon ended at once: /data belongs to uid 7, not to you (uid 0)',
    fix: 'name another place',
  })
})

test('a daemon that could not even say why it ended is spoken for: its disk is full', async () => {
  const silent = { launch: () => 4711, alive: () => false, output: async () => '' }
  const refusal = refusalOf(new Error('ENOSPC: no space left on device, write'), '/log/daemon.out')
  const full = ports([null], { ...silent, outputRefusal: async () => refusal })
  await expect(startDaemon(full, '/log/daemon.out')).rejects.toMatchObject({
    code: 'daemon_ended',
    message: expect.stringMatching(/^the daemon ended at once and could not say why: .*daemon\.out.*no space left/),
    fix: expect.stringContaining('df -h'),
  })
})

test('what older daemons printed is bounded before the new one is heard, and only when none runs', async () => {
  let said = `${'an older line\n'.repeat(99)}vc: an older trouble\n  fix: an older fix\n`
  const control = ports([null], {
    boundOutput: () => {
      said = ''
    },
    launch: () => {
      said += 'vc: the disk is full\n  fix: make room\n'
      return 4711
    },
    alive: () => false,
    output: async () => said,
  })
  await expect(startDaemon(control, '/log/daemon.out')).rejects.toMatchObject({
    message: 'the daemon ended at once: the disk is full',
    fix: 'make room',
  })
  const boundOutput = () => {
    throw new Error('somebody writes there')
  }
  await expect(startDaemon(ports([PING], { boundOutput }), '/log/daemon.out')).rejects.toMatchObject({
    code: 'already_running',
  })
})

test('a daemon that ended without a word points at its output', async () => {
  const control = ports([null], {
    launch: () => 4711,
    alive: () => false,
    output: async () => '',
    outputRefusal: async () => null,
  })
  await expect(startDaemon(control, '/log/daemon.out')).rejects.toMatchObject({ fix: 'see /log/daemon.out' })
})

test('stopping is reported only when the process is gone: silence proves nothing', async () => {
  const ended: number[] = []
  const lives = [true, true, false]
  const control = ports([PING, null], { end: (pid) => ended.push(pid) > 0, alive: () => lives.shift() ?? false })
  expect(await stopDaemon(control)).toEqual({ pid: 4711 })
  expect({ ended, lives }).toEqual({ ended: [4711], lives: [] })
})

test('a daemon that no longer answers is found by what it holds, and ended', async () => {
  const holders = [4711, null]
  const control = ports([null], {
    holder: async () => holders.shift() ?? null,
    end: (pid) => pid === 4711,
    alive: () => false,
  })
  expect(await stopDaemon(control)).toEqual({ pid: 4711 })
})

test('a lock that cannot be read, on a disk that fails, keeps nobody from being stopped', async () => {
  const control = ports([PING], {
    holder: async () => {
      throw new Error("EIO: i/o error, open '/srv/vc/vc.lock'")
    },
    end: () => true,
    alive: () => false,
  })
  expect(await stopDaemon(control)).toEqual({ pid: 4711 })
})

test('nothing to stop is nothing to complain about, and nobody is signalled', async () => {
  expect(await stopDaemon(ports([null]))).toBeNull()
})

test("another user's daemon is not reported as stopped", async () => {
  await expect(stopDaemon(ports([PING], { end: () => false }))).rejects.toMatchObject({ code: 'not_stopped' })
})
