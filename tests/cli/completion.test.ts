import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listedWords } from '../../src/cli/completion/values.ts'
import { hasProgram } from '../programs.ts'
import { vc } from './fake-cli.ts'

let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'vc-complete-'))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** A vc on PATH that knows two machines and one agent. */
const knowing = (): NodeJS.ProcessEnv => {
  const told =
    '#!/bin/sh\n[ "$1 $2" = "__words machines" ] && printf "atlas\\nborg\\n"\n[ "$1 $2" = "__words agents" ] && echo atlas/claude-7k2m\n[ "$1 $2" = "__words tags" ] && echo builders\nexit 0\n'
  writeFileSync(join(dir, 'vc'), told, { mode: 0o755 })
  return { ...process.env, PATH: `${dir}:${process.env.PATH}`, XDG_CONFIG_HOME: dir, XDG_DATA_HOME: dir, HOME: dir }
}

const script = async (shell: string): Promise<string> => {
  const said = await vc(['completion', shell])
  expect(said).toMatchObject({ exit: 0, err: '' })
  const path = join(dir, `vc.${shell}`)
  writeFileSync(path, said.out)
  return path
}

describe.skipIf(!hasProgram('bash'))('bash', () => {
  const offered = async (...words: string[]): Promise<string[]> => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: bash's own braces
    const ask = 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _vc; printf "%s\\n" "${COMPREPLY[@]}"'
    const ran = spawnSync('bash', ['--norc', '-uc', ask, 'bash', await script('bash'), ...words], {
      encoding: 'utf8',
      cwd: dir,
      env: knowing(),
    })
    expect(ran.stderr).toBe('')
    return ran.stdout.split('\n').filter((word) => word !== '')
  }

  test('offers commands, then their commands, then options', async () => {
    expect(await offered('vc', 'ma')).toEqual(['machines'])
    expect(await offered('vc', 'machines', '')).toEqual(
      expect.arrayContaining(['list', 'add', 'probe', 'trust', '--json']),
    )
    expect(await offered('vc', 'machines', 'trust', '--f')).toEqual(['--fingerprint', '--format'])
    expect(await offered('vc', 'config', 'init', '--')).toContain('--force')
  })

  test('passes over options, their values and words that are no commands', async () => {
    expect(await offered('vc', '--config', 'machines', 'conf')).toEqual(['config'])
    expect(await offered('vc', 'machines', 'show', 'config', '--js')).toEqual(['--json'])
    expect(await offered('vc', '--json', 'completion', 'x')).toEqual([])
  })

  test('offers machines, agents, topics and collectors where they fit', async () => {
    expect(await offered('vc', 'machines', 'show', '')).toEqual(expect.arrayContaining(['atlas', 'borg']))
    expect(await offered('vc', 'machines', 'add', 'at')).not.toContain('atlas')
    expect(await offered('vc', 'status', '-m', 'bo')).toEqual(['borg'])
    expect(await offered('vc', 'explain', 'atlas')).toEqual(['atlas/claude-7k2m'])
    expect(await offered('vc', 'collect', '--collector', 'pro')).toEqual(['probe'])
    expect(await offered('vc', 'robot', 'tri')).toEqual(['triage'])
    expect(await offered('vc', 'robot', 'machine', 'at')).toEqual(['atlas'])
    expect(await offered('vc', 'completion', 'z')).toEqual(['zsh'])
  })

  test('offers what an option takes, as far as it is known, for each command its own', async () => {
    expect(await offered('vc', 'robot', 'usage', '--by', 'd')).toEqual(['day'])
    expect(await offered('vc', 'robot', 'usage', '--by', '=', 'd')).toEqual(['day'])
    expect(await offered('vc', 'robot', 'usage', '--by', '=')).toContain('weekday_hour')
    expect(await offered('vc', 'robot', 'usage', '--')).toEqual(expect.arrayContaining(['--since', '--require-fresh']))
    expect(await offered('vc', 'robot', 'usage', '--format', '')).toEqual(['json', 'toon', 'brief'])
    expect(await offered('vc', 'query', '--format', '')).toEqual(['table', 'json', 'csv', 'jsonl'])
    expect(await offered('vc', 'status', '--format', '')).toEqual(['table', 'json'])
    expect(await offered('vc', 'robot', 'machines', '--tag', '')).toEqual(['builders'])
    expect(await offered('vc', 'robot', 'agents', '-m', 'at')).toEqual(['atlas'])
    expect(await offered('vc', 'alert', 'list', '--rule', 'disk')).toEqual(['disk_low'])
    expect(await offered('vc', 'watch', '--min-severity', '')).toEqual(['critical', 'warning', 'info'])
    expect(await offered('vc', 'mission', 'list', '--standing', 'bl')).toEqual(['blocked'])
    expect(await offered('vc', 'agent', 'spawn', '--role', 'cod')).toEqual(['coder'])
    expect(await offered('vc', 'robot-docs', 'topics', 'us')).toEqual(['usage'])
  })

  test('goes on behind a comma, and offers none twice', async () => {
    expect(await offered('vc', 'watch', '--machines', 'at')).toEqual(['atlas'])
    expect(await offered('vc', 'watch', '--machines', 'atlas,')).toEqual(['atlas,borg'])
    expect(await offered('vc', 'watch', '--machines', '=', 'atlas,b')).toEqual(['atlas,borg'])
    expect(await offered('vc', 'watch', '--events', 'alert,pre')).toEqual(['alert,prediction'])
    expect(await offered('vc', 'collect', '--collector', 'probe,tmu')).toEqual(['probe,tmux'])
    expect(await offered('vc', 'robot', 'agents', '--state', 'idle,dea')).toEqual(['idle,dead'])
    expect(await offered('vc', 'status', '-m', 'atlas,')).toEqual([])
  })

  test('offers keys of vc.toml where one is meant, and an argument once', async () => {
    expect(await offered('vc', 'config', 'set', 'polling.max_connections')).toEqual(['polling.max_connections'])
    expect(await offered('vc', 'config', 'unset', 'store.backup')).toEqual(['store.backup_keep'])
    expect(await offered('vc', 'config', 'explain', 'machi')).toEqual(expect.arrayContaining(['machines']))
    expect(await offered('vc', 'config', 'set', 'machi')).toEqual([])
    expect(await offered('vc', 'config', 'set', 'store.backup_keep', '')).not.toContain('store.backup_keep')
    expect(await offered('vc', 'machines', 'show', '--format', '=', 'json', '')).toContain('atlas')
    expect(await offered('vc', 'machines', 'show', 'atlas', '')).not.toContain('borg')
    expect(await offered('vc', 'machines', 'probe', 'atlas', '')).toContain('borg')
  })

  test('offers files where a file is meant', async () => {
    writeFileSync(join(dir, 'ops.toml'), '')
    expect(await offered('vc', '--config', 'op')).toEqual(['ops.toml'])
    expect(await offered('vc', 'config', 'lint', 'op')).toEqual(['ops.toml'])
  })
})

test.skipIf(!hasProgram('zsh'))('zsh loads its script', async () => {
  const load = 'autoload -Uz compinit; compinit -D; source "$1"; whence -w _vc'
  const ran = spawnSync('zsh', ['-fc', load, 'zsh', await script('zsh')], { encoding: 'utf8' })
  expect([ran.stderr, ran.stdout]).toEqual(['', '_vc: function\n'])
  const bare = spawnSync('zsh', ['-fc', 'source "$1"; print $_comps[vc]', 'zsh', await script('zsh')], {
    encoding: 'utf8',
  })
  expect([bare.stderr, bare.stdout]).toEqual(['', '_vc\n'])
})

describe.skipIf(!hasProgram('zsh'))('zsh', () => {
  // The line editor's own commands, as far as the function uses them.
  const EDITOR =
    'compdef() { : }; compset() { : }; _describe() { : }; _files() { print FILES }; compadd() { while [[ $1 != -- ]]; do shift; done; shift; print -l -- "$@" }; source "$1"; shift; words=("$@"); CURRENT=$#; PREFIX=$words[CURRENT]; _vc'
  const offered = async (...words: string[]): Promise<string[]> => {
    const ran = spawnSync('zsh', ['-fc', EDITOR, 'zsh', await script('zsh'), ...words], {
      encoding: 'utf8',
      env: knowing(),
    })
    expect(ran.stderr).toBe('')
    return ran.stdout.split('\n').filter((word) => word !== '')
  }

  test('is given machines, agents and collectors where they fit', async () => {
    expect(await offered('vc', 'machines', 'show', '')).toEqual(['atlas', 'borg'])
    expect(await offered('vc', 'status', '--machine', '')).toEqual(['atlas', 'borg'])
    expect(await offered('vc', 'explain', '')).toEqual(['atlas/claude-7k2m'])
    expect(await offered('vc', 'robot', 'machine', '')).toEqual(['atlas', 'borg'])
    expect(await offered('vc', 'collect', '--collector', '')).toContain('probe')
    expect(await offered('vc', '--config', '')).toEqual(['FILES'])
    expect(await offered('vc', 'robot', 'usage', '--format', '')).toEqual(['json', 'toon', 'brief'])
    expect(await offered('vc', 'query', '--format', '')).toContain('csv')
    expect(await offered('vc', 'robot', 'usage', '--by', '')).toContain('day')
    expect(await offered('vc', 'robot', 'usage', '--by=')).toContain('day')
    expect(await offered('vc', '--config=')).toEqual(['FILES'])
    expect(await offered('vc', 'config', 'set', '')).toContain('polling.max_connections')
    expect(await offered('vc', 'config', 'set', 'polling.max_connections', '')).toEqual(['FILES'])
    expect(await offered('vc', 'config', 'explain', '')).toContain('machines')
  })

  test('goes on behind a comma, and offers none twice', async () => {
    expect(await offered('vc', 'watch', '--machines', 'atlas,')).toEqual(['borg'])
    expect(await offered('vc', 'collect', '--collector', 'probe,tm')).not.toContain('probe')
    expect(await offered('vc', 'machines', 'probe', 'atlas', '')).toContain('borg')
  })

  test('answers the first time, too, when it lies in a folder of fpath', async () => {
    writeFileSync(join(dir, '_vc'), readFileSync(await script('zsh')))
    // biome-ignore lint/suspicious/noTemplateCurlyInString: zsh's own braces
    const first = EDITOR.replace('source "$1"', 'fpath=("${1:h}"); autoload -Uz _vc')
    const words = ['vc', 'machines', 'show', '']
    const ran = spawnSync('zsh', ['-fc', first, 'zsh', join(dir, '_vc'), ...words], {
      encoding: 'utf8',
      env: knowing(),
    })
    expect([ran.stderr, ran.stdout]).toEqual(['', 'atlas\nborg\n'])
  })
})

describe.skipIf(!hasProgram('fish'))('fish', () => {
  const offered = async (line: string): Promise<string[]> => {
    const ask = `source ${await script('fish')}; complete -C '${line}'`
    const ran = spawnSync('fish', ['--no-config', '-c', ask], { encoding: 'utf8', cwd: dir, env: knowing() })
    expect(ran.stderr).toBe('')
    return ran.stdout.split('\n').flatMap((text) => text.split('\t')[0] || [])
  }

  test('offers commands, machines, agents, topics and collectors where they fit', async () => {
    expect(await offered('vc ma')).toEqual(['machines'])
    expect(await offered('vc machines show ')).toEqual(['atlas', 'borg'])
    expect(await offered('vc status --machine b')).toEqual(['borg'])
    expect(await offered('vc explain at')).toEqual(['atlas/claude-7k2m'])
    expect(await offered('vc robot tri')).toEqual(['triage'])
    expect(await offered('vc collect --collector pro')).toContain('probe')
    expect((await offered('vc robot usage --format ')).toSorted()).toEqual(['brief', 'json', 'toon'])
    expect(await offered('vc query --format c')).toEqual(['csv'])
    expect(await offered('vc robot usage --by da')).toEqual(['day'])
    expect(await offered('vc robot machines --tag ')).toEqual(['builders'])
  })

  test('goes on behind a comma, and offers keys and arguments once', async () => {
    expect(await offered('vc watch --machines atlas,')).toEqual(['atlas,borg'])
    expect(await offered('vc watch --machines=atlas,b')).toEqual(['--machines=atlas,borg'])
    expect(await offered('vc watch --events alert,pre')).toEqual(['alert,prediction'])
    expect(await offered('vc config set store.backup')).toEqual(['store.backup_keep'])
    expect(await offered('vc config set store.backup_keep ')).toEqual([])
    expect(await offered('vc --format json config unset store.backup')).toEqual(['store.backup_keep'])
    expect(await offered('vc machines probe atlas ')).toContain('borg')
  })

  test('offers files where a file is meant, and only there', async () => {
    writeFileSync(join(dir, 'ops.toml'), '')
    for (const line of ['vc config lint op', 'vc db restore op', 'vc --config op'])
      expect(await offered(line), line).toEqual(['ops.toml'])
    expect(await offered('vc machines show op')).toEqual([])
  })
})

test('a help text that lists values is where they are read from, and none is taken for a list', () => {
  expect(listedWords('critical, warning or info')).toEqual(['critical', 'warning', 'info'])
  expect(listedWords('only these: alert,prediction')).toEqual(['alert', 'prediction'])
  expect(listedWords('opus, sonnet, haiku; without it by task')).toEqual(['opus', 'sonnet', 'haiku'])
  expect(listedWords('when it ends unasked: never, on_failure, always')).toEqual(['never', 'on_failure', 'always'])
  for (const text of ['only this machine', 'the past: 03:12, 2h, or an ISO time', 'coding, review, … decides', 'or'])
    expect(listedWords(text), text).toBeNull()
})
