import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasProgram } from '../programs.ts'
import { vc } from './fake-cli.ts'

let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'vc-complete-'))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

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
})

test.skipIf(!hasProgram('fish'))('fish loads its script and offers commands', async () => {
  const ran = spawnSync('fish', ['--no-config', '-c', `source ${await script('fish')}; complete -C 'vc ma'`], {
    encoding: 'utf8',
  })
  expect([ran.stderr, ran.stdout.startsWith('machines\t')]).toEqual(['', true])
})
