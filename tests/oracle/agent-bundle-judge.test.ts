import { describe, expect, test } from 'vitest'
import { judgeBundle, parseBundle } from '../../src/commands/explain-bundle.ts'
import { bundleNamed, DROPS, isRight, labelledBundles } from './agent-bundles.ts'

describe('recorded evidence of real CLIs', () => {
  test.each(labelledBundles())('$id is $truth', (item) => {
    const verdict = judgeBundle(item.bundle)
    expect(isRight(item, verdict.state), `${verdict.state} by ${verdict.rule}`).toBe(true)
    expect(verdict.winner?.says).toBe(verdict.state)
  })

  test.each(Object.keys(DROPS))('without its %s every agent is right or unknown, never wrong', (name) => {
    const drop = DROPS[name]
    const wrong = labelledBundles().flatMap((item) => {
      const { state, rule } = judgeBundle(drop === undefined ? item.bundle : drop(item.bundle))
      return state === 'unknown' || isRight(item, state) ? [] : [`${item.id}: ${item.truth} became ${state} by ${rule}`]
    })
    expect(wrong).toEqual([])
  })

  test('with two sources lost still nobody is called idle who works or waits', () => {
    const names = Object.keys(DROPS)
    const wrong = labelledBundles().flatMap((item) =>
      names.flatMap((a) =>
        names.flatMap((b) => {
          const bundle = DROPS[b]?.(DROPS[a]?.(item.bundle) ?? item.bundle) ?? item.bundle
          const { state, rule } = judgeBundle(bundle)
          const busy = ['working', 'needs_approval', 'asked_question', 'dead'].includes(item.truth)
          return busy && (state === 'idle' || state === 'turn_finished') && !isRight(item, state)
            ? [`${item.id} without ${a}, ${b}: ${state} by ${rule}`]
            : []
        }),
      ),
    )
    expect(wrong).toEqual([])
  })

  test('labels in a sample are not read', () => {
    const [item] = labelledBundles()
    const lied = { ...item?.bundle, truth: 'dead', also_ok: ['dead'], note: 'dead', tags: ['killed'] }
    expect(judgeBundle(lied).state).toBe(judgeBundle(item?.bundle ?? {}).state)
  })

  test('a limit carries the reset time of the record, to the second', () => {
    expect(judgeBundle(bundleNamed('cl-usage-limit-copy-mode')).until).toBe('2026-11-21T01:01:40.000Z')
  })
})

describe('the same agent, changed by one fact', () => {
  const base = bundleNamed('cl-approve-write-file')
  const processes = base.processes as { comm: string; state: string }[]

  test('kill -9 leaves dialog, title and registry: the process table alone says dead', () => {
    const killed = { ...base, processes: processes.filter((process) => process.comm !== 'claude') }
    expect(judgeBundle(killed)).toMatchObject({ state: 'dead', rule: 'process.gone@1' })
  })

  test('a stopped process is stalled, whatever its dialog shows', () => {
    const stopped = {
      ...base,
      processes: processes.map((process) => (process.comm === 'claude' ? { ...process, state: 'T' } : process)),
    }
    expect(judgeBundle(stopped).state).toBe('stalled')
  })

  test('a zombie is dead', () => {
    const zombie = {
      ...base,
      processes: processes.map((process) => (process.comm === 'claude' ? { ...process, state: 'Z' } : process)),
    }
    expect(judgeBundle(zombie).state).toBe('dead')
  })

  test('a registry file of a reused pid is not believed', () => {
    const live = base.live_state as { claude_sessions: { pid: number; procStart: string; status: string }[] }
    const reused = live.claude_sessions.map((file) =>
      file.pid === 344 ? { ...file, procStart: '1', status: 'idle' } : file,
    )
    const verdict = judgeBundle({ ...base, live_state: { claude_sessions: reused } })
    expect(verdict.state).toBe('needs_approval')
    expect([verdict.winner, ...verdict.losers].map((sighting) => sighting?.source)).not.toContain('claude.registry')
  })

  test('a wrapper that hides the tree proves nothing', () => {
    const wrapped = {
      ...base,
      screen: null,
      live_state: {},
      transcript_tail: [],
      processes: [
        { pid: 338, ppid: 1, start_ticks: 1, comm: 'ssh', argv0: 'ssh', script: null, tty: 'pts/0', state: 'S' },
      ],
    }
    expect(judgeBundle(wrapped).state).toBe('unknown')
  })
})

describe('a file given to vc explain --from', () => {
  test.each([
    ['not json', 'is not JSON'],
    ['[1]', 'holds no JSON object'],
    ['{"cli":"emacs","captured_at":"2026-11-20T23:00:00Z"}', 'member "cli"'],
    ['{"cli":"claude","captured_at":"soon"}', 'member "captured_at"'],
  ])('%s is refused with its place', (text, words) => {
    expect(() => parseBundle(text)).toThrow(
      expect.objectContaining({ code: 'bad_bundle', exitCode: 2, message: expect.stringContaining(words) }),
    )
  })

  test('members of wrong types are no evidence, not a crash', () => {
    const odd = {
      cli: 'codex',
      captured_at: '2026-11-20T23:00:00Z',
      screen: 7,
      pane: 'x',
      processes: [null, 3],
      live_state: [],
      transcript_tail: {},
    }
    expect(judgeBundle(odd).state).toMatch(/dead|unknown/)
  })
})
