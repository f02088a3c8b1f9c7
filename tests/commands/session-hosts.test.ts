import { describe, expect, test } from 'vitest'
import { openSessionHosts } from '../../src/commands/session-hosts.ts'
import type { MachineConfig } from '../../src/config/index.ts'
import { configSchema } from '../../src/config/schema.ts'
import type { Executor, RunRequest, RunResult } from '../../src/core/executor.ts'
import { notRun } from '../../src/transport/executor-run.ts'

const REQUEST: RunRequest = { script: ':', deadlineMs: 1, maxStdout: 1, maxStderr: 1 }

/** Ways that say where they lead, and end a run when the test says so. */
const played = (blocks: readonly object[]) => {
  let machines = configSchema.parse({ machines: blocks }).machines as readonly MachineConfig[]
  const told: string[] = []
  let hold: Promise<void> = Promise.resolve()
  const openExecutor = async ({ ssh }: MachineConfig): Promise<Executor> => {
    told.push(`open ${ssh}`)
    return {
      kind: 'ssh2',
      async run(): Promise<RunResult> {
        told.push(`run ${ssh}`)
        await hold
        return { ...notRun('ok', ssh) }
      },
      stream: () => {
        throw new Error('not asked')
      },
      close: async () => void told.push(`close ${ssh}`),
    }
  }
  return {
    told,
    hosts: openSessionHosts({ machines: () => machines, openExecutor }),
    reload(next: readonly object[]) {
      machines = configSchema.parse({ machines: next }).machines
    },
    held() {
      let letGo = (): void => undefined
      hold = new Promise((resolve) => {
        letGo = resolve
      })
      return letGo
    },
  }
}

const at = (ssh: string, more: object = {}) => [{ id: 'there', ssh, ...more }]
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('the ways of the engine over a reload', () => {
  test('what was handed out before goes the new way, and the old one is let go of', async () => {
    const { hosts, told, reload } = played(at('old'))
    const executor = await hosts.executor('there')
    const host = await hosts.host('there')
    await executor.run(REQUEST)
    reload(at('new'))
    hosts.refresh()
    await settled()
    expect(told).toEqual(['open old', 'run old', 'close old'])
    expect((await executor.run(REQUEST)).detail).toBe('new')
    await host.list()
    expect(told.slice(3)).toEqual(['open new', 'run new', 'run new'])
    expect(await hosts.host('there')).toBe(host)
  })

  test('what is under way ends where it began; only then is its way closed', async () => {
    const { hosts, told, reload, held } = played(at('old'))
    const executor = await hosts.executor('there')
    const letGo = held()
    const running = executor.run(REQUEST)
    await settled()
    reload(at('new'))
    hosts.refresh()
    await settled()
    expect(told).toEqual(['open old', 'run old'])
    letGo()
    expect((await running).detail).toBe('old')
    expect(told.at(-1)).toBe('close old')
  })

  test.each([
    ['taken out', []],
    ['disabled', at('old', { enabled: false })],
  ])('a machine that was %s is reached no more, whoever holds a way to it', async (_, next) => {
    const { hosts, told, reload } = played(at('old'))
    const executor = await hosts.executor('there')
    reload(next)
    hosts.refresh()
    await expect(hosts.host('there')).rejects.toMatchObject({ code: 'unknown_machine' })
    const ran = await executor.run(REQUEST)
    expect(ran).toMatchObject({ class: 'aborted', detail: expect.stringContaining('not among the machines') })
    await settled()
    expect(told).toEqual(['open old', 'close old'])
  })

  test('one that is reloaded while its way is prepared uses that way for nothing new', async () => {
    const { hosts, told, reload } = played(at('old'))
    const first = hosts.executor('there')
    reload(at('new'))
    hosts.refresh()
    const executor = await first
    expect((await executor.run(REQUEST)).detail).toBe('new')
    expect(told.filter((what) => what.endsWith('old'))).toEqual(['open old', 'close old'])
    expect(told.at(-1)).toBe('run new')
  })

  test('who asks at the same time gets the same way', async () => {
    const { hosts, told } = played(at('old'))
    await Promise.all([hosts.executor('there'), hosts.host('there'), hosts.executor('there')])
    expect(told).toEqual(['open old'])
  })

  test('closing lets go of all of them, and nothing begins afterwards', async () => {
    const { hosts, told } = played(at('old'))
    const executor = await hosts.executor('there')
    await hosts.close()
    expect(told).toEqual(['open old', 'close old'])
    expect(await executor.run(REQUEST)).toMatchObject({ class: 'aborted' })
  })
})
