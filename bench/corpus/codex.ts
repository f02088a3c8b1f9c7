import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { zstdCompressSync } from 'node:zlib'
import { type CorpusOptions, setsTrap, type Trap } from './claude.ts'
import { CANARY, createProse, type Random } from './random.ts'
import type { Truth } from './truth.ts'

// Long over: sessions of the last days are looked at once more for the state of their agents.
const START = Date.UTC(2025, 9, 1)
const WINDOW = 258_400

interface Counters {
  input_tokens: number
  cached_input_tokens: number
  cache_write_input_tokens: number
  output_tokens: number
  reasoning_output_tokens: number
  total_tokens: number
}

interface Line {
  readonly type: string
  readonly payload: Record<string, unknown>
  readonly ms: number
}

interface Thread {
  readonly id: string
  readonly lines: Line[]
  ms: number
  /** Cumulative counters as the CLI shows them. */
  total: Counters
}

const zero = (): Counters => ({
  input_tokens: 0,
  cached_input_tokens: 0,
  cache_write_input_tokens: 0,
  output_tokens: 0,
  reasoning_output_tokens: 0,
  total_tokens: 0,
})

const plus = (a: Counters, b: Counters): Counters => {
  const sum = zero()
  for (const key of Object.keys(sum) as (keyof Counters)[]) sum[key] = a[key] + b[key]
  return sum
}

/** Writes Codex rollouts of both generations with their traps below `<home>/.codex`. */
export const writeCodex = (random: Random, truth: Truth, options: CorpusOptions): void => {
  const prose = createProse(random)
  const trap = (share: number, name: Trap): boolean => random.chance(share) && setsTrap(options, name)
  const root = join(options.home, '.codex')
  let written = 0

  const push = (thread: Thread, type: string, payload: Record<string, unknown>): void => {
    thread.lines.push({ type, payload, ms: thread.ms })
  }

  const open = (ms: number, extra: Record<string, unknown> = {}): Thread => {
    const thread: Thread = { id: random.uuid7(ms), lines: [], ms, total: zero() }
    push(thread, 'session_meta', {
      id: thread.id,
      timestamp: new Date(ms).toISOString(),
      cwd: `/home/dev/work/codex-${random.int(0, 4)}`,
      originator: 'codex-tui',
      cli_version: '0.169.0',
      source: 'vscode',
      model_provider: 'openai',
      base_instructions: { text: prose(random.int(2_000, 12_000)) },
      git: { branch: 'main' },
      ...extra,
    })
    return thread
  }

  const usage = (): Counters => {
    const input = random.int(100, 90_000)
    const output = random.int(1, 3_000)
    return {
      input_tokens: input,
      cached_input_tokens: random.int(0, input),
      cache_write_input_tokens: 0,
      output_tokens: output,
      reasoning_output_tokens: random.int(0, output),
      total_tokens: input + output,
    }
  }

  const limits = (thread: Thread): Record<string, unknown> => ({
    limit_id: 'codex',
    primary: {
      used_percent: Math.floor((thread.ms % 18_000_000) / 180_000),
      window_minutes: 300,
      resets_at: Math.ceil((thread.ms + 1000) / 18_000_000) * 18_000,
    },
    secondary: {
      used_percent: Math.floor((thread.ms % 604_800_000) / 6_048_000),
      window_minutes: 10_080,
      resets_at: Math.ceil((thread.ms + 1000) / 604_800_000) * 604_800,
    },
    plan_type: null,
  })

  const count = (thread: Thread, last: Counters): void =>
    push(thread, 'event_msg', {
      type: 'token_count',
      info: { total_token_usage: thread.total, last_token_usage: last, model_context_window: WINDOW },
      rate_limits: limits(thread),
    })

  const respond = (thread: Thread, turnId: string, model: string, records: boolean): void => {
    thread.ms += random.int(500, 20_000)
    push(thread, 'response_item', {
      type: 'message',
      role: 'assistant',
      content: [{ type: 'output_text', text: prose(random.int(100, 4_000)) }],
    })
    const last = usage()
    thread.total = plus(thread.total, last)
    const key = `resp_${random.hex(24)}`
    if (records)
      push(thread, 'token_usage_record', {
        thread_id: thread.id,
        turn_id: turnId,
        response_id: key,
        usage: last,
        turn_token_usage: last,
        thread_token_usage: thread.total,
      })
    // Stopped inside a tool: the record stands alone. Only the newer CLI can tell.
    if (!records || !trap(0.1, 'codex: record without token_count')) count(thread, last)
    if (trap(0.2, 'codex: token_count told twice')) count(thread, last)
    const tokens = {
      input: last.input_tokens - last.cached_input_tokens,
      output: last.output_tokens,
      cacheRead: last.cached_input_tokens,
      cacheWrite5m: 0,
      cacheWrite1h: 0,
      reasoning: last.reasoning_output_tokens,
    }
    truth.add({ key, provider: 'openai', session: thread.id, model, tokens })
    if (records && trap(0.05, 'codex: compacted repeats a record'))
      push(thread, 'compacted', { message: prose(800), latest_token_usage_record: { response_id: key, usage: last } })
    push(thread, 'response_item', {
      type: 'function_call_output',
      call_id: `call_${random.hex(8)}`,
      output: prose(random.int(100, 12_000)),
    })
  }

  const turn = (thread: Thread, records: boolean): void => {
    thread.ms += random.int(2_000, 60_000)
    const turnId = random.uuid7(thread.ms)
    const model = random.pick(['gpt-5-codex', 'gpt-5.1-codex', 'gpt-5-mini'])
    push(thread, 'event_msg', {
      type: 'task_started',
      turn_id: turnId,
      started_at: Math.floor(thread.ms / 1000),
      model_context_window: WINDOW,
    })
    push(thread, 'turn_context', { turn_id: turnId, cwd: '/home/dev/work/codex-x', model, approval_policy: 'never' })
    push(thread, 'response_item', {
      type: 'message',
      role: 'user',
      content: [{ type: 'input_text', text: prose(random.int(50, 2_000)) }],
    })
    for (let i = random.int(1, 5); i > 0; i -= 1) respond(thread, turnId, model, records)
    // Context overflow: the counters fall to 0 and only the total jumps.
    if (trap(0.06, 'codex: context overflow')) {
      thread.total = { ...zero(), total_tokens: WINDOW }
      count(thread, { ...zero(), total_tokens: WINDOW - 8_160 })
    }
    push(thread, 'event_msg', { type: 'task_complete', turn_id: turnId, last_agent_message: prose(200) })
  }

  const save = (thread: Thread, how: 'plain' | 'archived' | 'zst', lines: readonly Line[] = thread.lines): void => {
    const at = new Date(lines[0]?.ms ?? START).toISOString()
    const name = `rollout-${at.slice(0, 19).replaceAll(':', '-')}-${thread.id}.jsonl`
    const body = lines
      .map(({ type, payload, ms }, ordinal) =>
        JSON.stringify({ timestamp: new Date(ms).toISOString(), ordinal, type, payload }),
      )
      .join('\n')
    const path =
      how === 'archived'
        ? join(root, 'archived_sessions', name)
        : join(root, 'sessions', at.slice(0, 10).replaceAll('-', '/'), name)
    mkdirSync(dirname(path), { recursive: true })
    const file = how === 'zst' ? `${path}.zst` : path
    writeFileSync(file, how === 'zst' ? zstdCompressSync(Buffer.from(`${body}\n`)) : `${body}\n`)
    utimesSync(file, thread.ms / 1000, thread.ms / 1000)
    written += body.length
  }

  /** A child whose file begins with its parent's history, every line stamped with the moment of the fork. */
  const fork = (parent: Thread, records: boolean, subagent: boolean): void => {
    const ms = parent.ms + 90_000
    const child = open(
      ms,
      subagent
        ? { source: { subagent: { thread_spawn: { parent_thread_id: parent.id, depth: 1 } } } }
        : { forked_from_id: parent.id },
    )
    const kept = parent.lines.slice(0, random.int(1, parent.lines.length))
    for (const line of kept) {
      const payload =
        subagent && line.type === 'token_usage_record' ? { ...line.payload, thread_id: child.id } : line.payload
      child.lines.push({ ...line, payload, ms })
    }
    const last = kept.findLast((line) => (line.payload as { info?: unknown }).info !== undefined)
    child.total = (last?.payload.info as { total_token_usage: Counters } | undefined)?.total_token_usage ?? zero()
    child.ms = ms + 5_000
    turn(child, records)
    save(child, 'plain')
  }

  for (let n = 0; written < options.bytes; n += 1) {
    // The newer generation alone can tell of a response without a count.
    const records = random.chance(0.6) || !setsTrap(options, 'codex: two generations of records')
    const thread = open(START + n * 3_600_000 + random.int(0, 3_000_000))
    for (let turns = random.int(1, 12); turns > 0; turns -= 1) turn(thread, records)
    const how = random.chance(0.1) ? 'archived' : options.rare && random.chance(0.1) ? 'zst' : 'plain'
    save(thread, how)
    if (trap(0.15, 'codex: fork or sub-agent replays its parent')) fork(thread, records, random.chance(0.5))
    // The same thread again in a file whose lines were stamped anew.
    if (trap(0.08, 'codex: same thread in a re-stamped file'))
      save(
        thread,
        'plain',
        thread.lines.map((line) => ({ ...line, ms: line.ms + 7_200_000 })),
      )
  }
  writeFileSync(join(root, 'auth.json'), `{"tokens":{"access_token":"${CANARY}"}}`)
  writeFileSync(join(root, 'history.jsonl'), `{"session_id":"x","text":"${CANARY}"}\n`)
  truth.bytes += written
}
