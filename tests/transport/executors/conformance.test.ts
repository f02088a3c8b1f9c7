import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Executor } from '../../../src/core/executor.ts'
import { openLocalExecutor } from '../../../src/transport/local.ts'
import { type Fleet, missingPrograms, startFleet } from './fleet.ts'
import { openOn, request, text, until } from './ways.ts'

const lacking = missingPrograms(['sshd', 'ssh', 'ssh-keygen'])

// Each exception of a transport is listed here with its reason.
const EXCEPTIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  local: {},
  ssh2: {
    'ends the process of a run past its deadline':
      'closing a channel ends nothing; the frame carries the remote deadline',
  },
  openssh: {
    'ends the process of a run past its deadline':
      'ending the client ends nothing remote; the frame carries the remote deadline',
    'tells an exit status above 128 from a signal': 'a shell shows both as 128 + n, and the status comes from a shell',
  },
}

let fleet: Fleet | null = null
const scratch = mkdtempSync(join(tmpdir(), 'vc-conform-'))
beforeAll(async () => {
  if (lacking === null) fleet = await startFleet(2, [])
})
afterAll(() => {
  fleet?.down()
  rmSync(scratch, { recursive: true, force: true })
})

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    // A zombie has ended; who reaps it is not ours to say.
    return process.platform !== 'linux' || !/^\d+ \(.*\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

describe.each(['local', 'ssh2', 'openssh'] as const)('the %s executor', (kind) => {
  const skips = EXCEPTIONS[kind] ?? {}
  let executor: Executor | null = null
  const open = async (): Promise<Executor> => {
    if (kind === 'local') executor = openLocalExecutor()
    else if (fleet !== null) executor = await openOn(fleet, kind, 'm0000')
    if (executor === null) throw new Error('no fleet')
    return executor
  }
  afterEach(async () => {
    await executor?.close()
    executor = null
  })
  const holds = (name: string, test: () => Promise<void>) => {
    const why = skips[name] ?? (kind === 'local' ? null : lacking)
    if (why === null) it(name, test)
    else it.skip(`${name} (${why})`, () => {})
  }

  holds('keeps stdout, stderr and the exit status apart', async () => {
    const ran = await (await open()).run(request('echo hi; echo err >&2; exit 7'))
    expect(ran).toMatchObject({ class: 'exit', exitCode: 7, signal: null, partial: false })
    expect([text(ran.stdout), text(ran.stderr)]).toEqual(['hi\n', 'err\n'])
  })

  holds('carries every byte of a script and of its output', async () => {
    const ran = await (await open()).run(request(`printf '\\000\\001\\036\\377 %s' 'ä "$x" \`y\` \\\\'`))
    expect(Buffer.from(ran.stdout)).toEqual(Buffer.from([0, 1, 0x1e, 0xff, ...Buffer.from(' ä "$x" `y` \\\\')]))
  })

  holds('keeps output that ends without a newline', async () => {
    expect(text((await (await open()).run(request('printf abc'))).stdout)).toBe('abc')
  })

  holds('carries a script and an output larger than any buffer on the way', async () => {
    const line = `${'x'.repeat(99)}\n`
    const ran = await (await open()).run(request(`${`: ${line}`.repeat(5_000)}seq 1 200000`, { deadlineMs: 20_000 }))
    expect(ran.class).toBe('ok')
    expect(text(ran.stdout).endsWith('199999\n200000\n')).toBe(true)
    expect(ran.stdout.length).toBe(1_288_895)
  })

  holds('brings the same to a patient run, and to one that hurries beside it', async () => {
    const machine = await open()
    const long = machine.run(
      request('for i in 1 2 3 4 5 6; do echo $i; sleep 0.05; done; echo err >&2', { patient: true }),
    )
    const [patient, hurried] = await Promise.all([long, machine.run(request('echo hi'))])
    expect(patient).toMatchObject({ class: 'ok', exitCode: 0, partial: false })
    expect([text(patient.stdout), text(patient.stderr)]).toEqual(['1\n2\n3\n4\n5\n6\n', 'err\n'])
    expect(text(hurried.stdout)).toBe('hi\n')
    const large = await machine.run(request('seq 1 200000', { deadlineMs: 20_000, patient: true }))
    expect(large.stdout.length).toBe(1_288_895)
  })

  holds('takes 255 for an exit status like any other', async () => {
    expect(await (await open()).run(request('exit 255'))).toMatchObject({ class: 'exit', exitCode: 255 })
  })

  holds('names the signal that killed the script', async () => {
    expect(await (await open()).run(request('kill -9 $$'))).toMatchObject({
      class: 'signal',
      exitCode: null,
      signal: 'KILL',
    })
  })

  holds('tells an exit status above 128 from a signal', async () => {
    expect(await (await open()).run(request('exit 137'))).toMatchObject({ class: 'exit', exitCode: 137 })
  })

  holds('ends with the script, not with a child that keeps stdout open', async () => {
    const ran = await (await open()).run(request('sleep 30 & echo started'))
    expect(ran).toMatchObject({ class: 'ok', partial: false })
    expect(text(ran.stdout)).toBe('started\n')
    expect(ran.timings.execMs).toBeLessThan(4_000)
  })

  holds('answers timeout, with what was said so far', async () => {
    const ran = await (await open()).run(request('echo begun; sleep 20', { deadlineMs: 800 }))
    expect(ran).toMatchObject({ class: 'timeout', exitCode: null, partial: true })
    expect(text(ran.stdout)).toBe('begun\n')
  })

  holds('ends the process of a run past its deadline', async () => {
    const ran = await (await open()).run(
      request(`trap '' TERM; sh -c 'trap "" TERM; echo $$; while :; do sleep 1; done'`, { deadlineMs: 500 }),
    )
    const pid = Number(text(ran.stdout).trim())
    expect(pid).toBeGreaterThan(1)
    await until(() => !alive(pid), `process ${pid} ends`)
  })

  holds('cuts a flood at the cap and ends it', async () => {
    const ran = await (await open()).run(request('echo $$; exec yes', { maxStdout: 100_000 }))
    expect(ran).toMatchObject({ class: 'output_limit', partial: true })
    expect(ran.stdout.length).toBe(100_000)
    const pid = Number.parseInt(text(ran.stdout), 10)
    await until(() => !alive(pid), `the flooding process ${pid} ends`)
  })

  holds('listens no longer than the greeting may take to what never says it, and to the end to what does', async () => {
    const executor = await open()
    const greeting = { text: 'it is us', withinBytes: 20_000 }
    const stranger = await executor.run(request('exec yes', { maxStdout: 50_000_000, greeting }))
    expect(stranger).toMatchObject({ class: 'output_limit', detail: expect.stringContaining('not of this script') })
    expect(stranger.stdout.length).toBeLessThan(1_000_000)
    const late = 'yes | head -c 15000; printf "it is "; sleep 0.2; echo us; yes | head -c 60000'
    const ours = await executor.run(request(late, { greeting }))
    expect(ours).toMatchObject({ class: 'ok', detail: null })
    expect(ours.stdout.length).toBe(75_009)
  })

  holds('caps stderr as well', async () => {
    const ran = await (await open()).run(request('yes >&2', { maxStderr: 1_000 }))
    expect(ran.class).toBe('output_limit')
    expect(ran.stderr.length).toBe(1_000)
  })

  holds('gives a run up when its caller does', async () => {
    const giveUp = new AbortController()
    const way = await open()
    const running = way.run(request('sleep 20', { signal: giveUp.signal }))
    setTimeout(() => giveUp.abort(), 300)
    expect((await running).class).toBe('aborted')
    expect((await way.run(request('true', { signal: AbortSignal.abort() }))).class).toBe('aborted')
    expect((await way.run(request('echo still here'))).class).toBe('ok')
  })

  holds('streams output as it comes, and stops when the reader does', async () => {
    const way = await open()
    const { stdout, done } = way.stream(
      request('i=0; while :; do i=$((i+1)); echo $i; sleep 0.01; done', { deadlineMs: Infinity, maxStdout: Infinity }),
    )
    let seen = ''
    for await (const chunk of stdout) {
      seen += text(chunk)
      if (seen.includes('\n5\n')) break
    }
    expect(seen.startsWith('1\n2\n')).toBe(true)
    expect((await done).class).toBe('aborted')
  })

  holds('streams a whole output to a slow reader', async () => {
    const { stdout, done } = (await open()).stream(request('seq 1 300000', { maxStdout: Infinity }))
    let bytes = 0
    for await (const chunk of stdout) {
      bytes += chunk.length
      if (bytes < 400_000) await new Promise((resolve) => setTimeout(resolve, 50))
    }
    expect(bytes).toBe(1_988_895)
    expect(await done).toMatchObject({ class: 'ok', partial: false })
  })

  holds('does not hand $TMUX on', async () => {
    process.env.TMUX = '/tmp/canary,1,0'
    try {
      expect(text((await (await open()).run(request('echo "[$TMUX]"'))).stdout)).toBe('[]\n')
    } finally {
      delete process.env.TMUX
    }
  })

  holds('ends what runs when it is closed, and refuses after', async () => {
    const way = await open()
    const running = way.run(request('sleep 20'))
    await new Promise((resolve) => setTimeout(resolve, 200))
    await way.close()
    expect((await running).class).toBe('aborted')
    expect((await way.run(request('true'))).class).toBe('aborted')
  })

  holds('runs many scripts at once without mixing them', async () => {
    const way = await open()
    const runs = await Promise.all(Array.from({ length: 12 }, (_, i) => way.run(request(`seq ${i} ${i + 2000}`))))
    for (const [i, ran] of runs.entries()) expect(text(ran.stdout).startsWith(`${i}\n${i + 1}\n`)).toBe(true)
  })
})
