import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, expect, vi } from 'vitest'
import type { HostPane, SessionHost, SessionSpec } from '../../../src/core/session-host.ts'
import { openTmuxHost } from '../../../src/engine/hosts/tmux-host.ts'
import { openLocalExecutor } from '../../../src/transport/local.ts'
import { scratchTmux } from './scratch-tmux.ts'

export const alive = (pid: number): boolean => {
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

/** A host on a tmux server of each test's own, ended with it. */
export const hostedTmux = () => {
  const executor = openLocalExecutor()
  let scratch: ReturnType<typeof scratchTmux>
  let host: SessionHost
  let made = 0
  beforeEach(() => {
    scratch = scratchTmux()
    host = openTmuxHost({ machineId: 'here', executor, socket: scratch.socket })
  })
  afterEach(async () => {
    await host.close()
    scratch.down()
  })
  afterAll(() => executor.close())

  const notYet = (): never => {
    throw new Error('not yet')
  }
  return {
    executor,
    get host(): SessionHost {
      return host
    },
    get scratch(): ReturnType<typeof scratchTmux> {
      return scratch
    },
    async start(script: string, more: Partial<SessionSpec> = {}): Promise<HostPane> {
      made += 1
      const started = await host.start({ name: `t${made}`, argv: ['sh', '-c', script], cwd: scratch.dir, ...more })
      if (started.is !== 'started') throw new Error(JSON.stringify(started))
      return started.pane
    },
    shows: ({ ref }: HostPane, text: string | RegExp): Promise<void> =>
      vi.waitFor(
        async () => expect((await host.capture([ref]))[0]).toMatchObject({ text: expect.stringMatching(text) }),
        { timeout: 45_000, interval: 30 },
      ),
    pidIn: (name: string): Promise<number> =>
      vi.waitFor(() => Number(readFileSync(join(scratch.dir, name), 'utf8').trim() || notYet()), { timeout: 45_000 }),
  }
}
