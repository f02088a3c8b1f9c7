// A program nobody knows, in a real terminal: what is pressed arrives, and only its end is claimed.
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { openAgentEye } from '../../src/commands/agent-eye.ts'
import { adapterOf } from '../../src/engine/adapters/index.ts'
import { openTmuxHost } from '../../src/engine/hosts/tmux-host.ts'
import { performAsk, waitReady } from '../../src/engine/perform.ts'
import { openAsker } from '../../src/transport/asker.ts'
import { openLocalExecutor } from '../../src/transport/local.ts'
import { hasProgram } from '../programs.ts'

const dir = realpathSync(mkdtempSync(join(tmpdir(), 'vc-gen-')))
const executor = openLocalExecutor()
const host = openTmuxHost({ machineId: 'm', executor, socket: join(dir, 'tmux.sock') })
const maker = openAsker({ executor, local: true })
const asker = maker.beginRun()

afterAll(async () => {
  await executor.run({
    script: `tmux -S '${dir}/tmux.sock' kill-server`,
    deadlineMs: 10_000,
    maxStdout: 1_000,
    maxStderr: 1_000,
  })
  asker.end()
  maker.close()
  await host.close()
  await executor.close()
  rmSync(dir, { recursive: true, force: true })
})

describe.skipIf(!hasProgram('tmux'))('a shell as an agent', () => {
  test('is ready, takes lines as they are, and its end is seen in the process table', async () => {
    const adapter = adapterOf('generic')
    const launch = adapter.launch({
      cwd: dir,
      resume: null,
      newSessionId: null,
      model: null,
      permissions: 'ask',
      extra: ['sh'],
    })
    const started = await host.start({
      name: 'g',
      argv: launch.argv,
      cwd: dir,
      env: launch.env,
      passEnv: launch.passEnv,
      log: null,
    })
    if (started.is !== 'started') throw new Error(JSON.stringify(started))
    const { ref } = started.pane
    const reach = {
      host,
      ref,
      adapter,
      eye: openAgentEye(asker, { cli: 'generic', pane: ref, cwd: dir, sessionId: null }),
      humanQuietS: 0,
    }
    expect((await waitReady(reach, { resumed: false, withinMs: 60_000 })).ready).toBe(true)
    const sent = await performAsk({ verb: 'deliver', prompt: 'printf "<%s>\\n" "prüfe; $((40 + 2)) \'x\'"' }, reach)
    // keys went out; nobody can say what the program made of them
    expect(sent).toMatchObject({
      outcome: 'done',
      effects: [
        { what: 'a text of 40 characters and Enter went to its terminal', observed: true, evidence: 'tmux' },
        { what: 'the program took it', observed: false },
      ],
    })
    await expect.poll(async () => (await reach.eye.look()).screen, { timeout: 60_000 }).toContain("<prüfe; 42 'x'>")
    expect(await performAsk({ verb: 'compact' }, reach)).toMatchObject({ code: 'not_supported' })
    expect(await performAsk({ verb: 'quit' }, reach)).toMatchObject({ outcome: 'verified', data: { end: 'ended' } })
    expect(await performAsk({ verb: 'deliver', prompt: 'echo x' }, reach)).toMatchObject({ code: 'ended' })
    await host.end(ref, 1_000)
  }, 180_000)
})
