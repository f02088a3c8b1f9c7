import { expect, test } from 'vitest'
import { parseConfig } from '../../src/config/index.ts'
import type { LookWish } from '../../src/core/looked.ts'
import { listAhead } from '../../src/daemon/list-ahead.ts'

const ALL: LookWish = { machines: [], collectors: [] }
const LOCAL = '[[machines]]\nid = "here"\nssh = "local"\n[[machines]]\nid = "there"\nssh = "there"\n'

const begun = (toml: string, wish: Partial<LookWish> = {}) => {
  const { config, problems } = parseConfig(toml, 'vc.toml')
  if (config === null) throw new Error(JSON.stringify(problems))
  const jobs: (readonly [name: string | undefined, payload: unknown])[] = []
  const ahead = (job: URL, payload: unknown): void => {
    jobs.push([/(\w+)\/scan-job/.exec(job.href)?.[1], payload])
  }
  listAhead({ ahead }, config, { ...ALL, ...wish })
  return jobs
}

const usual = { do: 'list', homes: [], otherUsers: false }

test('the transcripts of this machine are listed ahead, where they lie by the configuration', () => {
  expect(begun(`${LOCAL}[collectors.claude]\nhomes = ["/srv/claude"]\n`)).toEqual([
    ['claude', { ...usual, homes: ['/srv/claude'] }],
    ['codex', usual],
  ])
})

test('nothing is listed that is switched off or not wished for', () => {
  expect(begun(`${LOCAL}[collectors.claude]\nenabled = false\n`)).toEqual([['codex', usual]])
  expect(begun(LOCAL, { collectors: ['probe', 'claude'] })).toEqual([['claude', usual]])
  expect(begun(LOCAL, { machines: ['there'] })).toEqual([])
  expect(begun(LOCAL, { machines: ['here'], collectors: ['codex'] })).toEqual([['codex', usual]])
  expect(begun('[[machines]]\nid = "here"\nssh = "local"\nenabled = false\n')).toEqual([])
  expect(begun('[[machines]]\nid = "there"\nssh = "there"\n')).toEqual([])
})
