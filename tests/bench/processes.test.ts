import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { namedCpuMs } from '../../bench/measure/processes.ts'
import { until } from '../stories/vc-process.ts'

test.runIf(existsSync('/proc/self/schedstat'))(
  'what cost less than a tick of the kernel is counted, too',
  async () => {
    const mark = `vc-mark-${process.pid}`
    const child = spawn('sh', ['-c', 'sleep 60; :', mark], { stdio: 'ignore', detached: true })
    try {
      await until(
        () => namedCpuMs(mark) > 0,
        () => 'some CPU of a shell that started a sleep',
        20_000,
      )
      expect(namedCpuMs(`${mark}-of-nobody`)).toBe(0)
    } finally {
      // Its group: the shell and its sleep.
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    }
  },
  40_000,
)
