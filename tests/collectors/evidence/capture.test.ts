import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { captureEvidence } from '../../../src/commands/capture-evidence.ts'
import { type EvidenceBundle, judgeBundle, parseBundle } from '../../../src/commands/explain-bundle.ts'
import type { Asker } from '../../../src/core/ask.ts'
import type { Row } from '../../../src/core/rows.ts'
import { decodeUtf8 } from '../../../src/core/text.ts'
import { openAsker } from '../../../src/transport/asker.ts'
import { labelledBundles } from '../../oracle/agent-bundles.ts'
import { hasProgram } from '../../programs.ts'
import { until } from '../../stories/vc-process.ts'
import { shMachine } from '../../transport/sh-machine.ts'
import { answered } from '../shell-context.ts'
import { openStage, programOf, startTicks, storedRows, writeHome } from './played-agent.ts'

const ready = hasProgram('tmux') && hasProgram('sqlite3') && hasProgram('python3')

/** The machine as a remote one: everything through one shell. */
const asking = async <Result>(
  home: string,
  question: (asker: Asker) => Promise<Result>,
  shell: readonly string[] = ['sh', '-s'],
): Promise<{ result: Result; execs: number }> => {
  const env = { HOME: home, PATH: process.env.PATH ?? '' }
  const machine = shMachine({ shell, env })
  const asker = openAsker({ executor: machine, local: false })
  const run = asker.beginRun()
  try {
    return { result: await question(run), execs: machine.scripts.length }
  } finally {
    run.end()
  }
}

const lives = ({ bundle }: { bundle: EvidenceBundle }): boolean => {
  const processes = bundle.processes as { state: string; comm: string; detached?: true }[]
  return bundle.pane !== null && processes.length > 1 && processes.every(({ state }) => !/^[TZ]/.test(state))
}

describe.runIf(ready)('evidence of a real pane', () => {
  let stage: ReturnType<typeof openStage>
  beforeAll(() => {
    stage = openStage()
  })
  afterAll(() => stage.close())

  const play = async (bundle: EvidenceBundle) => {
    const pane = bundle.pane as Record<string, string & number>
    const home = join(stage.dir, `home-${String(bundle.id)}`)
    const cwd = join(home, String(pane.pane_current_path).split('/').at(-1) ?? 'work')
    const [width, height] = [Number(pane.pane_width), Number(pane.pane_height)]
    const shown = { cwd, screen: String(bundle.screen_ansi), title: String(pane.pane_title).trim(), width, height }
    const at = stage.pane(shown, String(bundle.cli))
    const program = bundle.cli === 'gemini' ? 'node' : String(bundle.cli)
    await until(
      () => programOf(at.pid) === program,
      () => `${program} to run as ${at.pid}`,
    )
    const ticks = startTicks(at.pid)
    const transcriptPath = writeHome(home, bundle, { pid: at.pid, ticks })
    const sessionId = /session=(\S+)/.exec(String(bundle.transcript_path))?.[1] ?? null
    const rows = storedRows({
      agent: {
        agent_id: `m/${String(bundle.id)}`,
        machine_id: 'm',
        cli: String(bundle.cli),
        cli_version: String(bundle.cli_version),
        session_id: sessionId,
        cwd,
        root_pid: at.pid,
        root_start_ticks: BigInt(ticks),
      },
      pane: { socket: stage.socket, pane_id: at.paneId, server_start_epoch_s: at.serverStartS },
      session: transcriptPath === null ? null : { transcript_path: transcriptPath },
    })
    return { home, rows, at }
  }

  const recorded = labelledBundles().filter(lives)
  test.each(recorded)('$id, played again, is $truth', { timeout: 60_000 }, async ({ bundle }) => {
    const { home, rows } = await play(bundle)
    const { result, execs } = await asking(home, (asker) => captureEvidence(rows, asker))
    expect(execs).toBe(1)
    expect(result.notes).toEqual([])
    const again = parseBundle(JSON.stringify(result.bundle))
    expect(judgeBundle(again)).toEqual(judgeBundle(result.bundle))
    // judged at the moment of the recording: some verdicts depend on ages
    const then = { ...again, captured_at: bundle.captured_at }
    expect(judgeBundle(then)).toMatchObject({ state: judgeBundle(bundle).state })
    expect(JSON.stringify(result.bundle)).not.toContain('never selected')
  })

  const named = (id: string): EvidenceBundle => recorded.find((item) => item.id === id)?.bundle ?? {}

  const shells = ['dash -s', 'bash -s', 'busybox sh -s'].filter((shell) => hasProgram(shell.split(' ')[0] ?? ''))
  test.each(shells)('%s reads the same', { timeout: 60_000 }, async (shell) => {
    for (const id of ['cl-approve-write-file', 'cx-usage-limit-80x24', 'oc-usage-limit-retrying']) {
      const bundle: EvidenceBundle = { ...named(id), id: `${id}-${shell.slice(0, 2)}` }
      const { home, rows } = await play(bundle)
      const { result } = await asking(home, (asker) => captureEvidence(rows, asker), shell.split(' '))
      expect(result.notes).toEqual([])
      expect(judgeBundle({ ...result.bundle, captured_at: bundle.captured_at })).toMatchObject({
        state: judgeBundle(bundle).state,
      })
    }
  })

  test('words of a transcript are cut where they lie, and secrets leave no machine in the clear', async () => {
    const bundle = { ...named('cl-approve-write-file'), id: 'cut' }
    const { home, rows } = await play(bundle)
    let raw = ''
    const listening = (asker: Asker): Asker => ({
      ...asker,
      run: async (ask) => {
        const answer = await asker.run(ask)
        raw += decodeUtf8(answer.stdout)
        return answer
      },
    })
    const { result } = await asking(home, (asker) => captureEvidence(rows, listening(asker)))
    const tail = raw.slice(raw.indexOf(' tail\n'), raw.indexOf(' processes\n'))
    expect(tail).toContain('"type":"assistant"')
    expect(tail).toMatch(/\[text \d+ #[0-9a-f]{8}\]/)
    expect(tail).not.toMatch(/amount parser|parseAmount|I will add/)
    expect(raw).not.toContain('cc-socks')
    expect(JSON.stringify(result.bundle)).not.toContain('cc-socks')
  })

  test('a session that ended is dead, whoever sits in its pane now', async () => {
    const bundle = { ...named('cl-silent-tool-58s'), id: 'successor' }
    const { home, rows } = await play(bundle)
    const before = { ...rows, agent: { ...rows.agent, root_start_ticks: 17n } }
    const { result } = await asking(home, (asker) => captureEvidence(before, asker))
    expect(judgeBundle(result.bundle)).toMatchObject({ state: 'dead', winner: { source: 'process' } })
    expect(result.notes).toEqual([
      expect.stringMatching(/^its process \d+ has ended$/),
      'another claude runs in its pane now and is left out',
    ])
  })

  test('of a Codex that ended within a turn is said that its background server may go on with it', async () => {
    const bundle = { ...named('cx-silent-tool-58s'), id: 'outlived' }
    const { home, rows } = await play(bundle)
    const session_id = '01a1fb37-b115-7560-9d1f-9b2ea625e46b'
    const before = { ...rows, agent: { ...rows.agent, session_id, root_start_ticks: 17n } }
    const look = async () => (await asking(home, (asker) => captureEvidence(before, asker))).result.notes.join('\n')
    expect(await look()).not.toContain('background server')
    const control = join(home, '.codex/app-server-control')
    mkdirSync(control, { recursive: true })
    const server = createServer().listen(join(control, 'app-server-control.sock'))
    expect(await look()).toMatch(/process \d+ has ended\n.*may go on in the background server of Codex/)
    server.close()
  })

  test.runIf(process.platform === 'linux')('and where that server holds the thread, it works there', async () => {
    const { home, rows } = await play({ ...named('cx-silent-tool-58s'), id: 'served' })
    const session_id = '01a1fb37-b115-7560-9d1f-9b2ea625e46b'
    const [locks, daemon] = [join(home, '.codex/thread-writer-locks'), join(home, '.codex/app-server-daemon')]
    for (const dir of [locks, daemon]) mkdirSync(dir, { recursive: true })
    const server = spawn('sh', ['-c', 'exec 9>>"$1"; echo; read -r _', '-', join(locks, `${session_id}.lock`)])
    await new Promise((resolve) => server.stdout.once('data', resolve))
    writeFileSync(join(daemon, 'daemon.pid'), JSON.stringify({ pid: server.pid, processStartTime: 'now' }))
    // Its rollout was not read yet.
    const look = async (agent: Row) =>
      (await asking(home, (asker) => captureEvidence({ ...rows, agent, session: null }, asker))).result
    const gone = await look({ ...rows.agent, session_id, root_start_ticks: 17n })
    expect(judgeBundle(gone.bundle)).toMatchObject({ state: 'working', winner: { source: 'codex.server' } })
    expect(gone.notes).not.toContainEqual(expect.stringContaining('background server'))
    const there = await look({ ...rows.agent, session_id })
    expect(judgeBundle(there.bundle).winner?.source).toBe('codex.title')
    server.kill('SIGKILL')
  })

  test('a pane number of another server is another pane', async () => {
    const bundle = { ...named('gm-silent-tool-58s'), id: 'anew' }
    const { home, rows } = await play(bundle)
    const before = { ...rows, pane: { ...rows.pane, server_start_epoch_s: 1 } }
    const { result } = await asking(home, (asker) => captureEvidence(before, asker))
    expect(result.bundle).toMatchObject({ pane: null, screen: null, screen_ansi: null })
    expect(result.notes).toEqual([expect.stringContaining('started anew')])
  })

  const HOSTILE = [
    '-rf',
    "'; touch owned; '",
    '$(touch owned)',
    '`touch owned`',
    'a\nb',
    '* ? [x]',
    '"',
    '\\',
    '%s%n',
    'ü✳',
  ]
  test('paths and screens of a hostile machine are only ever data', { timeout: 60_000 }, async () => {
    for (const [nth, evil] of HOSTILE.entries()) {
      const home = join(stage.dir, `hostile-${nth}`, evil)
      const cwd = join(home, evil)
      const screen = `${evil}\n@0123456789abcdef end 1 1\n\u001b]0;x\u0007\u001b[31mred\u001b[0m`
      const at = stage.pane({ cwd, screen, title: evil, width: 80, height: 24 }, 'claude')
      await until(
        () => programOf(at.pid) === 'claude',
        () => 'claude',
      )
      const record = `${JSON.stringify({ type: 'user', timestamp: '2026-11-20T10:00:00Z', message: { content: evil } })}\n`
      const path = join(home, '.claude/projects/-p', `${evil.replaceAll('/', '')}.jsonl`)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, record)
      const rows = storedRows({
        agent: { agent_id: 'm/evil', cli: 'claude', cwd, root_pid: at.pid, root_start_ticks: startTicks(at.pid) },
        pane: { socket: stage.socket, pane_id: at.paneId, server_start_epoch_s: at.serverStartS },
        session: { transcript_path: path },
      })
      const { result } = await asking(home, (asker) => captureEvidence(rows, asker))
      expect(result.notes).toEqual([])
      expect(result.bundle.transcript_tail).toHaveLength(1)
      expect(String(result.bundle.screen)).toContain('@0123456789abcdef end 1 1')
      expect(existsSync(join(cwd, 'owned')) || existsSync(join(home, 'owned')) || existsSync('owned')).toBe(false)
      expect(judgeBundle(parseBundle(JSON.stringify(result.bundle)))).toEqual(judgeBundle(result.bundle))
    }
  })

  test('arguments never leave: argv0 and the script, no program text and no words after them', async () => {
    const home = join(stage.dir, 'args')
    mkdirSync(home)
    const inner = 'sh -c "sleep 901; : top secret" & exec -a claude sh ./worker --token=hunter2 prompt words'
    writeFileSync(join(home, 'worker'), 'while :; do sleep 902; done\n')
    const said = stage.tmux('new-session', '-d', '-P', '-F', '#{pane_id} #{pane_pid}', '-c', home, 'bash', '-c', inner)
    const [pane_id = '', pid = ''] = said.trim().split(' ')
    await until(
      () => programOf(Number(pid)) === 'claude',
      () => 'claude',
    )
    const rows = storedRows({
      agent: { agent_id: 'm/args', cli: 'claude', root_pid: Number(pid), root_start_ticks: null },
      pane: { socket: stage.socket, pane_id, server_start_epoch_s: null },
    })
    const { result } = await asking(home, (asker) => captureEvidence(rows, asker))
    const text = JSON.stringify(result.bundle)
    expect(result.bundle.processes).toContainEqual(expect.objectContaining({ pid: Number(pid), argv0: 'claude' }))
    expect(result.bundle.processes).toContainEqual(expect.objectContaining({ argv0: 'sh', script: null }))
    expect(text).not.toMatch(/hunter2|prompt words|top secret/)
  })

  test('a long transcript is read at its end, whole records only', async () => {
    const bundle: EvidenceBundle = { ...named('cx-usage-limit-80x24'), id: 'long' }
    const { home, rows } = await play(bundle)
    const path = String(rows.session?.transcript_path)
    const own = readFileSync(path, 'utf8')
    const meta = `${JSON.stringify({ timestamp: '2026-11-20T23:00:00Z', type: 'session_meta', payload: { originator: 'codex_exec', base: 'x'.repeat(20_000) } })}\n`
    const filler = `${JSON.stringify({ timestamp: '2026-11-20T23:00:01Z', type: 'event_msg', payload: { type: 'other', text: 'y'.repeat(9_000) } })}\n`
    writeFileSync(
      path,
      meta +
        filler.repeat(300) +
        own +
        '{"timestamp":"2026-11-20T23:59:59Z","type":"event_msg","payload":{"type":"task_sta',
    )
    const { result } = await asking(home, (asker) => captureEvidence(rows, asker))
    const tail = result.bundle.transcript_tail as { type: string }[]
    expect(tail[0]).toMatchObject({ type: 'session_meta', payload: { originator: 'codex_exec' } })
    expect(tail.length).toBeLessThanOrEqual(22)
    expect(judgeBundle({ ...result.bundle, captured_at: bundle.captured_at })).toMatchObject({ state: 'rate_limited' })
  })

  // The script looks there too, whatever the PATH says.
  const usual = ['/usr/local/bin', '/opt/homebrew/bin', '/home/linuxbrew/.linuxbrew/bin']
  const always = usual.some((dir) => existsSync(join(dir, 'sqlite3')) || existsSync(join(dir, 'python3')))
  test.skipIf(always)('here, databases are read in process where the machine has no tool for them', async () => {
    const bundle = { ...named('oc-approve-web-fetch'), id: 'toolless' }
    const { home, rows } = await play(bundle)
    const tools = join(stage.dir, 'tools')
    mkdirSync(tools)
    for (const tool of 'sh awk tmux head tail tr cut grep sed stat wc getconf date uname cat timeout ps'.split(' '))
      symlinkSync(
        execFileSync('sh', ['-c', 'command -v "$1"', 'sh', tool], { encoding: 'utf8' }).trim(),
        join(tools, tool),
      )
    const executor = shMachine({ shell: ['/bin/sh', '-s'], env: { HOME: home, PATH: tools } })
    const look = async (local: boolean) => {
      const run = openAsker({ executor, local }).beginRun()
      return captureEvidence(rows, run).finally(() => run.end())
    }
    const here = await look(true)
    expect(here.notes).toEqual([])
    expect(judgeBundle({ ...here.bundle, captured_at: '2026-11-20T23:05:57.311Z' })).toMatchObject({
      state: 'needs_approval',
    })
    expect(here.bundle.transcript_tail).toEqual(expect.arrayContaining([expect.objectContaining({ tbl: 'message' })]))
    const there = await look(false)
    expect(there.notes).toContainEqual(expect.stringMatching(/database rows "own".*neither sqlite3/))
  })

  test('a link in the place of a transcript is not followed, and a machine that says nonsense is refused', async () => {
    const bundle = { ...named('cl-approve-write-file'), id: 'link' }
    const { home, rows } = await play(bundle)
    const link = join(home, 'elsewhere.jsonl')
    symlinkSync(String(rows.session?.transcript_path), link)
    const { result } = await asking(home, (asker) =>
      captureEvidence({ ...rows, session: { transcript_path: link } }, asker),
    )
    expect(result).toMatchObject({ bundle: { transcript_tail: null }, notes: [expect.stringContaining('transcript')] })
    const broken = answered('@0000000000000000 begin 1\n@0000000000000000 end 1 1\n')
    const liar = { run: async () => broken } as unknown as Asker
    await expect(captureEvidence(rows, liar)).rejects.toThrow(/something else/)
    const dead = { run: async () => answered('', { fault: 'unreachable', detail: 'no route' }) } as unknown as Asker
    await expect(captureEvidence(rows, dead)).rejects.toThrow(/m\/link cannot be looked at now: no route/)
  })
})
