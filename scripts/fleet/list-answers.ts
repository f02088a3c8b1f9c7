import { createHash } from 'node:crypto'
import { ACCOUNT_VERSIONS } from './accounts-text.ts'
import { OWN_VERSIONS } from './builds-text.ts'
import type { DemoMachine } from './describe.ts'
import { GUARD_VERSIONS } from './guard-text.ts'
import { REPO_VERSIONS } from './repo-text.ts'
import { toolPaths } from './tool-paths.ts'

const NONCE = 'de30de30de30de30'
const [RS, US] = [`\x1e${NONCE}`, `\x1f${NONCE}`]
const VERSIONS: Readonly<Record<string, string>> = {
  tmux: 'tmux 3.3a',
  git: 'git version 2.47.1',
  sqlite3: '3.46.1 2024-08-13',
  python3: 'Python 3.13.5',
  claude: '2.1.329 (Claude Code)',
  codex: 'codex-cli 0.169.0',
  gemini: '0.61.0',
  opencode: '1.18.33',
  ntm: 'ntm version 1.29.3',
  gt: 'gt version 1.0.1 (release: main@abc1234)',
  ...GUARD_VERSIONS,
  ...OWN_VERSIONS,
  ...ACCOUNT_VERSIONS,
  ...REPO_VERSIONS,
}

// 61 commits in thirty days, 14 of them in the last seven
const ACTIVITY = [
  'a3',
  ...Array.from({ length: 30 }, (_, day) => `@{epoch-${day * 86_400}}:${day === 29 ? 3 : 2}`),
].join(' ')

const gitPiece = (cwd: string, dirty: number): string => {
  const oid = createHash('sha1').update(cwd).digest('hex')
  const changed = Array.from(
    { length: dirty },
    (_, i) => `1 .M N... 100644 100644 100644 ${oid} ${oid} src/file-${i}.ts\0`,
  )
  const branch = `# branch.oid ${oid}\0# branch.head main\0# branch.upstream origin/main\0# branch.ab +${dirty} -0\0`
  const url = `https://git.example/${cwd.split('/').at(-1)}.git`
  const counted = ['counted', '@{epoch-5400}', 14, 61, url, ACTIVITY]
  return [` R @{i}`, 'repo', cwd, 0, '@{epoch-9000}', oid, ...counted, branch + changed.join(''), 0].join(US)
}

/** What the git script says about the working directories of this machine's agents. */
export const gitAnswer = ({ agents }: DemoMachine) => ({
  argsPerItem: 2,
  keyArg: 0,
  head: `vc-git 1 ${NONCE} git version 2.47.1\n`,
  tail: `${RS} end`,
  items: Object.fromEntries(agents.map(({ cwd, pid }) => [cwd, `${RS}${gitPiece(cwd, pid % 4)}`])),
  otherwise: `${RS} R @{i}${US}error${US}128${US}fatal: not a git repository`,
})

/** What the version script says about the tools of this machine. */
export const versionsAnswer = (machine: DemoMachine) => {
  const paths = toolPaths(machine)
  const pieces = Object.entries(paths).map(([name, path]) => [
    path,
    `${RS} R @{i}${US}${VERSIONS[name] ?? '1.0.0'}${US}0`,
  ])
  return {
    ...{ argsPerItem: 2, keyArg: 1, head: `vc-versions 1 ${NONCE}\n`, tail: `${RS} end` },
    items: Object.fromEntries(pieces) as Record<string, string>,
    otherwise: `${RS} R @{i}${US}${US}127`,
  }
}
