import { execFileSync } from 'node:child_process'
import { chownSync, lchownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { claudeSource } from '../../../src/collectors/claude/source.ts'
import { listFiles } from '../../../src/collectors/transcripts/homes.ts'
import { parseRemoteList, remoteListScript } from '../../../src/collectors/transcripts/remote-list.ts'
import { createJobIo } from '../../../src/transport/workers/job-io.ts'
import { runScript } from './remote-machine.ts'

const scratch = mkdtempSync(join(tmpdir(), 'vc-others-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const isRoot = process.getuid?.() === 0
const ALICE = 70_001
const CARL = 70_003

const transcript = (home: string, name: string, uid: number): string => {
  const path = join(home, '.claude', 'projects', '-w', name)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, '{}\n')
  for (let at = path; at.startsWith(home); at = join(at, '..')) chownSync(at, uid, uid)
  return path
}

/** Homes of four users: one in order, one behind a link, one with what is not theirs in it, one in a folder of another. */
const people = (): { readonly passwd: string; readonly read: readonly string[] } => {
  const home = (name: string): string => join(scratch, name)
  const read = [transcript(home('alice'), 'a.jsonl', ALICE), transcript(home('carl'), 'c.jsonl', CARL)]
  mkdirSync(join(scratch, 'elsewhere', 'projects'), { recursive: true })
  mkdirSync(home('bob'))
  symlinkSync(join(scratch, 'elsewhere'), join(home('bob'), '.claude'))
  for (const path of [home('bob'), join(scratch, 'elsewhere')]) chownSync(path, 70_002, 70_002)
  lchownSync(join(home('bob'), '.claude'), 70_002, 70_002)
  const folder = join(home('carl'), '.claude', 'projects', '-w')
  writeFileSync(join(folder, 'planted.jsonl'), '{}\n')
  symlinkSync('/etc/hostname', join(folder, 'link.jsonl'))
  execFileSync('mkfifo', [join(folder, 'pipe.jsonl')])
  transcript(home('dora'), 'd.jsonl', 70_004)
  chownSync(home('dora'), CARL, CARL)
  const line = (name: string, uid: number): string => `${name}:x:${uid}:${uid}::${home(name)}:/bin/sh\n`
  const passwd = join(scratch, 'passwd')
  writeFileSync(passwd, line('alice', ALICE) + line('bob', 70_002) + line('carl', CARL) + line('dora', 70_004))
  return { passwd, read }
}

const REFUSED = { link: 1, not_regular: 1, foreign_owner: 1, foreign_home: 2 }

test.skipIf(!isRoot)(
  'of other users only what is theirs is read, and what is left out is told, here and over scripts',
  async () => {
    const { passwd, read } = people()
    const root = join(scratch, 'root')
    mkdirSync(root)
    const io = createJobIo({ home: root, env: {} })
    const here = listFiles({ ...io, open: (path) => io.open(path === '/etc/passwd' ? passwd : path) }, claudeSource, {
      homes: [],
      otherUsers: true,
    })
    expect(here.files.map(({ path }) => path).sort()).toEqual(read)
    expect(here.refused).toEqual(REFUSED)

    const script = remoteListScript(claudeSource).replaceAll('/etc/passwd', passwd)
    const there = parseRemoteList((await runScript({ script, args: ['', '1'] }, { HOME: root })).stdout)
    expect(there).toMatchObject({ whole: true, refused: REFUSED })
    expect(there.files.map(({ path }) => path).sort()).toEqual(read)
  },
)
