import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { gastown } from '../../../src/collectors/gastown/index.ts'
import { contextWith, runInShell } from '../shell-context.ts'

const dir = mkdtempSync(join(tmpdir(), 'vcg-'))
afterAll(() => rmSync(dir, { recursive: true }))

test('the script enters only towns of this user, and keeps gt from leaving traces', async () => {
  execFileSync(
    'sh',
    [
      '-c',
      `mkdir -p '${dir}/home/gt/mayor' '${dir}/home/gt/rig/deep' '${dir}/bin' '${dir}/none' && echo {} >'${dir}/home/gt/mayor/town.json' && cat >'${dir}/bin/gt' && chmod +x '${dir}/bin/gt'`,
    ],
    {
      input: `#!/bin/sh\nprintf "%s|%s|%s|%s\\n" "$*" "$PWD" "$GT_HOME" "\${GT_SESSION-unset}"\n`,
    },
  )
  let stdout = ''
  await gastown.collect({
    ...contextWith({
      run: async (ask) => {
        const args = [join(dir, 'bin/gt'), join(dir, 'home/gt/rig/deep'), 'mq:a; touch x', join(dir, 'none'), 'convoys']
        const answer = await runInShell(
          { ...ask, args },
          { PATH: process.env.PATH, HOME: join(dir, 'home'), GT_SESSION: 'gp-nux' },
        )
        stdout = Buffer.from(answer.stdout).toString()
        return answer
      },
    }),
    readRange: async () => ({ is: 'missing' }),
  })
  const calls = stdout.split('\n').filter((line) => line.includes('|'))
  expect(calls).toEqual([
    `status --json --fast|${dir}/home/gt|/dev/null|unset`,
    `mq list a; touch x --json|${dir}/home/gt|/dev/null|unset`,
  ])
  expect(execFileSync('ls', ['-A', join(dir, 'home/gt')]).toString()).toBe('mayor\nrig\n')
})
