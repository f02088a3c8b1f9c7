import { describe, expect, test } from 'vitest'
import type { ContentQuestion } from '../../src/commands/search-content.ts'
import { checkedQuestion, searchContent } from '../../src/commands/search-content.ts'
import type { AskRequest } from '../../src/core/carrier.ts'
import { silentLog } from '../../src/core/log.ts'
import { createApp } from '../../src/web/app.ts'
import { answered } from '../collectors/shell-context.ts'
import { vc } from './fake-cli.ts'

const HIT = {
  ...{ kind: 'agent', machine: 'atlas', subject: 'atlas/claude-7k2m', field: 'cwd', value: '/srv/\u001b[31mshop' },
  ...{ at: null, rank: 2, leads_to: 'vc explain atlas/claude-7k2m' },
}
const NOTHING = { hits: [], total: null, trouble: 'not there' }

const reader = (indexes: readonly object[], asked: AskRequest[] = []) => ({
  loadConfig: async () => ({ notices: [], config: { machines: [] } }) as never,
  openReader: async () => ({
    carrier: 'socket' as const,
    ask: async (request: AskRequest) => {
      asked.push(request)
      const data = request.topic === 'search' ? { hits: [HIT], more: true } : { indexes, starts: [] }
      return { topic: request.topic, version: 1, generatedAt: '', data }
    },
    close: async () => undefined,
  }),
})

describe('vc search', () => {
  test('shows each hit with the command that leads on, and no control characters', async () => {
    const asked: AskRequest[] = []
    const said = await vc(['search', 'shop', '--kind', 'agent', '-m', 'atlas', '--limit', '1'], reader([], asked))
    expect(said.out).toBe(
      'agent atlas/claude-7k2m on atlas  cwd: /srv/[31mshop\n  → vc explain atlas/claude-7k2m\n… and more: raise --limit, or narrow with --kind and --machine\n',
    )
    expect(asked).toEqual([{ topic: 'search', params: { id: 'shop', kind: 'agent', machine: 'atlas', limit: '1' } }])
  })

  test('asks for content only where cass has an index, and labels what it finds', async () => {
    const questions: ContentQuestion[] = []
    const hit = {
      agent: 'codex',
      title: 'fix',
      snippet: 'the shop',
      path: '/s/1.jsonl',
      line: 4,
      workspace: null,
      at: null,
      origin: 'lap',
    }
    const searchContent = async () => async (question: ContentQuestion) => {
      questions.push(question)
      return [
        { machine: 'atlas', source: 'cass' as const, hits: [hit], total: 9, trouble: null },
        { machine: 'borg', source: 'cass' as const, ...NOTHING },
      ]
    }
    const indexes = [
      { machine: 'atlas', state: 'healthy' },
      { machine: 'borg', state: 'unhealthy' },
      { machine: 'eris', state: 'not_initialized' },
    ]
    const said = await vc(['search', 'shop', '--content'], { ...reader(indexes), searchContent })
    expect(questions).toEqual([{ text: 'shop', machines: ['atlas', 'borg'], limit: 10 }])
    expect(said.out).toContain(
      'atlas (cass): 1 of 9 in sessions\n  codex  from lap  fix\n    the shop\n    /s/1.jsonl:4\n',
    )
    expect(said.out).toContain('borg (cass): not there')
    expect((await vc(['search', 'shop', '--content'], { ...reader([]), searchContent })).err).toContain('no machine')
  })
})

describe('a content search', () => {
  test.each([
    [{ text: '', machines: [], limit: 1 }],
    [{ text: '--fix', machines: [], limit: 1 }],
    [{ text: 'x'.repeat(201), machines: [], limit: 1 }],
    [{ text: 'a\0b', machines: [], limit: 1 }],
    [{ text: 'x', machines: 'atlas', limit: 1 }],
    [{ text: 'x', machines: [7], limit: 1 }],
    [{ text: 'x', machines: [], limit: 0 }],
    [{ text: 'x', machines: [], limit: '5' }],
  ])('refuses %j', (given) => {
    expect(() => checkedQuestion(given)).toThrow(expect.objectContaining({ code: 'bad_content_search', exitCode: 2 }))
  })

  test('one machine that cannot answer does not silence the others', async () => {
    const found = await searchContent({ text: 'x', machines: ['atlas', 'borg'], limit: 1 }, async (machine, ask) => {
      if (machine === 'borg') throw new Error('no way there')
      return ask({ run: async () => answered('', { fault: 'timeout', detail: 'too slow' }) } as never)
    })
    expect(found).toMatchObject([
      { machine: 'atlas', trouble: 'too slow' },
      { machine: 'borg', trouble: 'no way there' },
    ])
  })

  test('has one door on the socket', async () => {
    const ports = {
      version: '1',
      startedAt: new Date(),
      ask: async () => ({}) as never,
      robot: async () => ({ text: '', exit: 0 }),
      log: silentLog,
    }
    const post = (app: ReturnType<typeof createApp>) =>
      app.request('/v1/content', {
        method: 'POST',
        body: '{"text":"x"}',
        headers: { 'content-type': 'application/json' },
      })
    const heard: unknown[] = []
    const open = createApp({
      ...ports,
      content: async (question) => {
        heard.push(question)
        return []
      },
    })
    expect(await (await post(open)).json()).toEqual([])
    expect(heard).toEqual([{ text: 'x' }])
    expect((await post(createApp(ports))).status).toBe(400)
  })
})
