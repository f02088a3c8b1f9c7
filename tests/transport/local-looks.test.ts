import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { LIVE_SCRIPT } from '../../src/collectors/live/script.ts'
import { fastAsk } from '../../src/collectors/probe/ask.ts'
import { type ProbeText, parseProbe } from '../../src/collectors/probe/parse.ts'
import { readAgents } from '../../src/collectors/probe/read-agents.ts'
import { parseTmux } from '../../src/collectors/tmux/parse.ts'
import { TMUX_SCRIPT } from '../../src/collectors/tmux/script.ts'
import { wholeScript } from '../../src/core/ask.ts'
import { liveHere } from '../../src/transport/local-live.ts'
import { probeHere } from '../../src/transport/local-probe.ts'
import { agentWords } from '../../src/transport/local-probe-agents.ts'
import { localMounts } from '../../src/transport/local-probe-mounts.ts'
import { openTmuxHere } from '../../src/transport/local-tmux.ts'

const NONCE = '0123456789abcdef'
const dirs: string[] = []
const children: ChildProcess[] = []

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true })
})

const tempDir = (): string => {
  const dir = mkdtempSync(join(tmpdir(), 'vc-looks-'))
  dirs.push(dir)
  return dir
}

/** A sleeping process whose program and first argument have these names. */
const sleeper = async (program: string, argv0: string, cwd: string): Promise<number> => {
  const path = join(tempDir(), program)
  copyFileSync('/bin/sleep', path)
  const child = spawn(path, ['600'], { argv0, cwd, stdio: 'ignore' })
  children.push(child)
  await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject))
  return child.pid ?? 0
}

/** A shell that reads a script of this name, started with one more word. */
const reader = async (name: string, word: string): Promise<number> => {
  const path = join(tempDir(), name)
  writeFileSync(path, 'read line\n')
  const child = spawn('/bin/sh', [path, word], { stdio: ['pipe', 'ignore', 'ignore'] })
  children.push(child)
  await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject))
  return child.pid ?? 0
}

const parsed = (text: string): ProbeText => {
  const probe = parseProbe(Buffer.from(text), NONCE)
  if (probe.is !== 'probe') throw new Error(`no probe: ${probe.is}`)
  return probe
}

const keysOf = (lines: readonly string[] = []): readonly string[] => lines.map((line) => line.split(/[\t ]/)[0] ?? '')

describe.runIf(process.platform === 'linux')('the probe read in process', () => {
  test('says what its script says, a hostile name included', { timeout: 30_000 }, async () => {
    const cwd = join(tempDir(), 'a\n b%é\n')
    mkdirSync(cwd)
    const pids = [await sleeper('cl) %\ny', 'claude', cwd), await sleeper('sleep', '/x/gemini.js', tempDir())]
    const namers = [await reader('deploy.sh', 'codex'), await reader('codex.js', 'deploy.sh')]
    const script = wholeScript(fastAsk(NONCE, []))
    const [told, here] = [execFileSync('sh', ['-s'], { input: script }).toString('latin1'), await probeHere(script)]
    const [script_, read] = [parsed(told), parsed(here ?? '')]
    expect([...read.sections.keys()]).toEqual([...script_.sections.keys()])
    expect([...read.head.keys()].sort()).toEqual([...script_.head.keys()].sort())
    for (const name of ['sys', 'cpu', 'mem', 'psi', 'net', 'temp', 'gpusys']) {
      expect([name, keysOf(read.sections.get(name))]).toEqual([name, keysOf(script_.sections.get(name))])
    }
    const places = (probe: ProbeText) =>
      (probe.sections.get('fs') ?? [])
        .map((line) => line.split('\t'))
        .map(([type, size, blocks, ...rest]) => [type, size, blocks, rest.at(-1)])
    expect(places(read).sort()).toEqual(places(script_).sort())
    for (const pid of pids) {
      const about = (probe: ProbeText, section: string) =>
        (probe.sections.get(section) ?? []).filter((line) => line.split('\t').includes(String(pid)))
      const agents = readAgents(about(read, 'agent'))
      expect(agents).toEqual(readAgents(about(script_, 'agent')))
      expect(agents).toHaveLength(1)
      const fixed = (line: string | undefined) => line?.split('\t').filter((_, at) => at !== 5 && at !== 6)
      expect(fixed(about(read, 'proc')[0])).toEqual(fixed(about(script_, 'proc')[0]))
      expect(about(read, 'proc')).toHaveLength(1)
    }
    for (const probe of [read, script_])
      expect(
        (readAgents(probe.sections.get('agent')) ?? []).filter(({ pid }) => namers.includes(pid)).map(({ pid }) => pid),
      ).toEqual(namers.slice(1))
    expect(read.partial).toBe(false)
  })

  test('is left to the script where tools are asked for or the format is another', async () => {
    expect(await probeHere(wholeScript(fastAsk(NONCE, ['git'])))).toBeNull()
    expect(await probeHere(wholeScript(fastAsk(NONCE, [])).replace('"begin 1 ', '"begin 2 '))).toBeNull()
    expect(await probeHere('# vc:ask other.ask\necho hello')).toBeNull()
  })
})

describe.runIf(process.platform === 'linux')('live state read in process', () => {
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  const both = async (args: readonly string[], env: Record<string, string>) => {
    const input = `set -- ${args.map((arg) => `'${arg}'`).join(' ')}\n${LIVE_SCRIPT}`
    const told = execFileSync('sh', ['-s'], { input, env: { PATH: process.env.PATH ?? '', ...env } }).toString()
    return [told, await liveHere({ script: LIVE_SCRIPT, args }, env)] as const
  }

  test('says what its script says, of several homes, dead pids, links, and a long log', async () => {
    const [home, second] = [tempDir(), tempDir()]
    put(join(home, '.claude/sessions', `${process.pid}.json`), '{\r\n "status": "b\u00fcsy"\n}\n')
    put(join(home, '.claude/sessions/99999999.json'), '{}')
    put(join(home, '.claude/sessions/7.abcdef.key'), 'secret')
    put(join(home, '.claude/sessions/x.json'), '{}')
    symlinkSync(join(home, '.claude/sessions/x.json'), join(home, '.claude/sessions/8.json'))
    put(join(second, 'sessions/1.json'), 'x'.repeat(70_000))
    put(join(home, '.codex/thread_history_1.sqlite'), '')
    put(join(home, '.codex/state_5.sqlite'), '')
    const lines = Array.from({ length: 4_000 }, (_, n) => `t=${n} message=${['loop', 'tick', 'asking'][n % 3]} ö`)
    put(
      join(home, '.local/share/opencode/log/opencode.log'),
      `${lines.join('\n')}\nmessage=cancel ${'y'.repeat(3_000)}\n`,
    )
    const fixed = (text: string | null) =>
      (text ?? '').split('\n').map((line) => (line.startsWith('S ') ? line.split(' ', 3).join(' ') : line))
    const [told, here] = await both([second, join(home, 'none')], { HOME: home, CODEX_HOME: join(home, '.codex') })
    expect(fixed(here)).toEqual(fixed(told))
    expect(here).toContain(`F 1 ${process.pid}\nS ${process.pid} (`)
    const [empty, nothing] = await both([], { HOME: second, CLAUDE_CONFIG_DIR: second, XDG_DATA_HOME: home })
    expect(nothing).toBe(empty)
  })

  test('is left to the script where its format is another', async () => {
    expect(await liveHere({ script: LIVE_SCRIPT.replace("'F %s", "'F2 %s") }, { HOME: '/' })).toBeNull()
    expect(await liveHere({ script: '# vc:ask other.ask\necho hello' }, { HOME: '/' })).toBeNull()
  })
})

describe('who counts as an agent', () => {
  const words = agentWords('claude|codex|gemini')

  test.each([
    [['claude', '-p', 'x'], { how: 'exe', script: '-' }],
    [['/opt/codex-cli'], { how: 'exe', script: '-' }],
    [['node', '--max=1', '/lib/gemini-cli/dist/index.js'], { how: 'script', script: '/lib/gemini-cli/dist/index.js' }],
    [['/usr/bin/python3.12', 'claude.py'], { how: 'script', script: 'claude.py' }],
    [['vim', 'claude'], null],
    [['node', '-claude'], null],
    [['python3', '-m', 'claude', 'x'], { how: 'script', script: 'claude' }],
    [['node', '--import', 'tsx', '/w/codex.js'], { how: 'script', script: '/w/codex.js' }],
    [['npx', '-y', '@google/gemini-cli', 'x'], { how: 'script', script: '@google/gemini-cli' }],
    [['npm', 'exec', 'codex'], { how: 'script', script: 'codex' }],
    // who merely names an agent among the words of another program is none
    [['node', 'deploy.ts', 'claude'], null],
    [['bash', '/w/backup.sh', '/w/.cache/claude'], null],
    [['python3', 'train.py', '--model', 'gemini'], null],
    [['bash', '-lc', 'claude'], null],
    [['npm', 'install', 'codex'], null],
    [[], null],
  ])('%j is %j', (args, kind) => {
    expect(words.kindOf(args)).toEqual(kind)
  })
})

describe('mounts that may be looked at', () => {
  test('are local, one per device, and no place that needs unquoting', () => {
    expect(
      localMounts([
        '/dev/sda1 / ext4 rw 0 0',
        '/dev/sda1 /again ext4 rw 0 0',
        'server:/x /net nfs4 rw 0 0',
        '/dev/loop3 /snap/x squashfs ro 0 0',
        'tmpfs /run tmpfs rw 0 0',
        'tmpfs /var/odd tmpfs rw 0 0',
        '/dev/sdb1 /with\\040blank xfs rw 0 0',
        '/dev/sdc1 /data btrfs rw 0 0',
      ]),
    ).toEqual(['/', '/run', '/data'])
  })
})

describe('tmux without a process', () => {
  const script = `# vc:ask tmux.panes\nN=${NONCE}\n${TMUX_SCRIPT}`
  const said = `@${NONCE} vc-tmux 2 1 /usr/bin/tmux\n@${NONCE} version tmux 3.3a\n@${NONCE} end\n`
  const place = () => {
    const home = tempDir()
    const folder = join(home, `tmux-${process.getuid?.()}`)
    return { home, folder, env: { HOME: home, TMUX_TMPDIR: home } }
  }

  test('says that no server runs, once the script told which tmux is there', async () => {
    const { env, folder } = place()
    const tmux = openTmuxHere(env, () => 5_000)
    expect(await tmux.answer(script)).toBeNull()
    tmux.learn(script, said)
    const told = parseTmux(Buffer.from((await tmux.answer(script)) ?? ''))
    expect(told).toMatchObject({ version: '3.3a', binary: '/usr/bin/tmux', complete: true, servers: [], epochS: 5 })
    mkdirSync(folder)
    expect(await tmux.answer(script)).not.toBeNull()
  })

  test('leaves it to the script as soon as anything lies where sockets are, and after a while', async () => {
    const { env, home, folder } = place()
    let nowMs = 0
    const tmux = openTmuxHere(env, () => nowMs)
    tmux.learn(script, said)
    mkdirSync(folder)
    writeFileSync(join(folder, 'default'), '')
    expect(await tmux.answer(script)).toBeNull()
    rmSync(join(folder, 'default'))
    expect(await tmux.answer(script)).not.toBeNull()
    const own = join(home, '.local/state/vc/run')
    mkdirSync(own, { recursive: true })
    writeFileSync(join(own, 'tmux.sock'), '')
    expect(await tmux.answer(script)).toBeNull()
    rmSync(join(own, 'tmux.sock'))
    nowMs = 300_001
    expect(await tmux.answer(script)).toBeNull()
  })

  test('learns nothing from a machine without tmux', async () => {
    const tmux = openTmuxHere(place().env, () => 0)
    tmux.learn(script, `@${NONCE} vc-tmux 2 1 -\n@${NONCE} end\n`)
    expect(await tmux.answer(script)).toBeNull()
  })
})
