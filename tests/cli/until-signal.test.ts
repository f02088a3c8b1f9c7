import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { untilSignal } from '../../src/cli/until-signal.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] })
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const exits = () => vi.spyOn(process, 'exit').mockImplementation(() => undefined as never)

test('what npm or timeout passes on at once is the same wish; who asks again later ends it', async () => {
  const exit = exits()
  const signal = untilSignal()
  try {
    process.emit('SIGTERM', 'SIGTERM')
    expect(await signal.ended).toBe('SIGTERM')
    for (const echo of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.emit(echo, echo)
    expect(exit).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1_500)
    process.emit('SIGINT', 'SIGINT')
    expect(exit).toHaveBeenCalledExactlyOnceWith(1)
  } finally {
    signal.release()
  }
})

test('a hang-up reloads, and means nothing any more once it ends', () => {
  const reload = vi.fn()
  const signal = untilSignal(reload)
  try {
    process.emit('SIGHUP', 'SIGHUP')
    process.emit('SIGTERM', 'SIGTERM')
    process.emit('SIGHUP', 'SIGHUP')
    expect(reload).toHaveBeenCalledOnce()
  } finally {
    signal.release()
  }
})

test('a hang-up ends it when the terminal it was started on is closed: nobody is left to press Ctrl-C', async () => {
  const reload = vi.fn()
  let closed = false
  const signal = untilSignal(reload, () => closed)
  try {
    process.emit('SIGHUP', 'SIGHUP')
    closed = true
    process.emit('SIGHUP', 'SIGHUP')
    expect(await signal.ended).toBe('SIGHUP')
    expect(reload).toHaveBeenCalledOnce()
  } finally {
    signal.release()
  }
})
