// One CLI driven by the engine, in a process of its own whose HOME is the lab's: `node engine-run.ts <JSON>`. Prints one JSON
// line per round. Truth comes from the mock model server and the files of the work folder, never from the engine.
import { randomBytes, randomUUID } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { openAgentEye } from '../../src/commands/agent-eye.ts'
import { readCliVersion } from '../../src/commands/agent-version.ts'
import type { AgentSight } from '../../src/core/agent-adapter.ts'
import type { PaneRef } from '../../src/core/session-host.ts'
import { adapterOf } from '../../src/engine/adapters/index.ts'
import { openTmuxHost } from '../../src/engine/hosts/tmux-host.ts'
import { type AgentAsk, performAsk, waitReady } from '../../src/engine/perform.ts'
import type { Performed } from '../../src/engine/performed.ts'
import { steadyLook } from '../../src/engine/steady-look.ts'
import { openAsker } from '../../src/transport/asker.ts'
import { openLocalExecutor } from '../../src/transport/local.ts'
import type { Cli } from './clis.ts'
import type { EngineJob, EngineRound } from './engine.ts'
import type { Request } from './lab.ts'

const job = JSON.parse(process.argv[2] ?? '{}') as EngineJob
const cli: Cli = job.cli
const adapter = adapterOf(cli)
const executor = openLocalExecutor()
const host = openTmuxHost({ machineId: 'lab', executor, socket: job.socket })
const maker = openAsker({ executor, local: true })
const asker = maker.beginRun()

const TOOL_WORDS: Readonly<Record<Cli, string>> = { claude: '', codex: 'escalate=1', gemini: '', opencode: '' }
const MODEL: Readonly<Record<Cli, string | null>> = { claude: null, codex: null, gemini: 'gemini-2.5-flash', opencode: null }
const TAKES_ID: readonly Cli[] = ['claude', 'gemini']

const requests = async (): Promise<readonly Request[]> =>
  (await (await fetch(`http://127.0.0.1:${job.port}/__mock/requests`)).json()) as readonly Request[]

/** The questions to the model that this mark stood in. After a rejected call the next one also carries the tool's result. */
const asked = async (mark: string): Promise<readonly Request[]> =>
  (await requests()).filter((one) => one.main === true && one.args?.run === mark)

type Reach = Parameters<typeof performAsk>[1]

interface Agent {
  readonly ref: PaneRef
  readonly reach: Reach
  readonly eye: ReturnType<typeof openAgentEye>
}

class Failed extends Error {
  readonly screen: string
  constructor(message: string, screen = '') {
    super(message)
    this.screen = screen
  }
}

async function spawn(resume: string | null): Promise<Agent> {
  const launch = adapter.launch({
    cwd: job.cwd,
    resume,
    newSessionId: resume === null && TAKES_ID.includes(cli) ? randomUUID() : null,
    model: MODEL[cli],
    permissions: 'ask',
    extra: [],
  })
  const started = await host.start({
    name: `r${randomBytes(4).toString('hex')}`,
    argv: launch.argv,
    cwd: job.cwd,
    env: { ...launch.env, ...job.env },
    passEnv: launch.passEnv,
    cols: 120,
    rows: 40,
    log: null,
  })
  if (started.is !== 'started') throw new Failed(`not started: ${JSON.stringify(started)}`)
  const { ref } = started.pane
  const eye = openAgentEye(asker, { cli, pane: ref, cwd: job.cwd, sessionId: launch.sessionId })
  return { ref, eye, reach: { host, ref, eye, adapter, humanQuietS: 0 } }
}

async function seen(agent: Agent, what: string, test: (sight: AgentSight) => boolean, withinMs = 90_000): Promise<AgentSight> {
  const end = Date.now() + withinMs
  let sight = await agent.eye.look()
  while (!test(sight)) {
    if (Date.now() > end) throw new Failed(`never seen: ${what}; state ${sight.state} by ${sight.rule}`, sight.screen)
    await pause(250)
    sight = await agent.eye.look()
  }
  return sight
}

async function ready(agent: Agent, resumed = false): Promise<AgentSight> {
  const answer = await waitReady(agent.reach, { resumed, withinMs: 300_000 })
  if (!answer.ready) throw new Failed(`never ready: ${JSON.stringify(answer.readiness)}`, answer.sight.screen)
  return answer.sight
}

interface Tally {
  readonly steps: string[]
  wrong: string[]
  falseSubmitted: number
  readonly presses: string[]
}

async function act(agent: Agent, ask: AgentAsk, tally: Tally): Promise<Performed> {
  const done = await performAsk(ask, agent.reach)
  if ('code' in done) throw new Failed(`${ask.verb} refused: ${done.code}: ${done.message}`, (await agent.eye.look()).screen)
  tally.presses.push(`${ask.verb}[${done.data.presses.join(' ')}]`)
  return done
}

/** Sends a prompt that must end as `submitted`, and asks the model whether it came, once and once only. */
async function send(agent: Agent, text: string, mark: string, tally: Tally): Promise<void> {
  const done = await act(agent, { verb: 'deliver', prompt: text }, tally)
  // on a loaded machine a CLI needs its time from its transcript to the model
  const end = Date.now() + 120_000
  let came = await asked(mark)
  while (came.length === 0 && Date.now() < end) {
    await pause(250)
    came = await asked(mark)
  }
  if (done.data.end === 'submitted' && came.length === 0) tally.falseSubmitted += 1
  const first = came.filter((one) => one.toolDone !== true)
  if (first.length > 1) tally.wrong.push(`the prompt ${mark} came ${first.length} times`)
  if (done.data.end !== 'submitted')
    throw new Failed(`deliver ended ${done.data.end}, the model saw it ${came.length} times`, (await agent.eye.look()).screen)
  tally.steps.push(`submitted by ${done.effects[0]?.evidence}`)
}

const mark = (): string => randomBytes(4).toString('hex')

/** A dialog must be open for this very command; another hash is refused, the right one answered. */
async function answer(agent: Agent, n: number, tally: Tally): Promise<void> {
  const id = mark()
  const file = `f${id}.txt`
  await send(agent, `Please mock:tool cmd=touch_${file} ${TOOL_WORDS[cli]} run=${id}`.replace(/ {2,}/g, ' '), id, tally)
  await seen(agent, 'the approval dialog', (one) => one.dialog !== null && one.screen.includes(file))
  const sight = await steadyLook(agent.eye)
  const hash = sight.dialog?.hash ?? ''
  const stale = await performAsk({ verb: 'answer', choice: { say: 'approve' }, dialogHash: `${hash}x` }, agent.reach)
  if (!('code' in stale) || stale.code !== 'prompt_changed') tally.wrong.push('answered another dialog than the one named')
  const blind = await performAsk({ verb: 'deliver', prompt: 'this must not be typed' }, agent.reach)
  if (!('code' in blind)) tally.wrong.push('typed a prompt into a dialog')
  const choice = n % 2 === 0 ? 'approve' : 'reject'
  const done = await act(agent, { verb: 'answer', choice: { say: choice }, dialogHash: hash }, tally)
  await seen(agent, 'rest after the answer', (one) => one.dialog === null && one.state !== 'working', 90_000)
  await pause(500)
  const exists = existsSync(join(job.cwd, file))
  if (exists !== (choice === 'approve')) tally.wrong.push(`${choice}: the file is ${exists ? '' : 'not '}there`)
  if (done.data.end !== 'answered') throw new Failed(`${choice} ended ${done.data.end}`, (await agent.eye.look()).screen)
  tally.steps.push(choice)
}

async function interrupt(agent: Agent, tally: Tally): Promise<void> {
  await ready(agent)
  const id = mark()
  await send(agent, `mock:slow secs=90 run=${id}`, id, tally)
  await seen(agent, 'work', (sight) => sight.state === 'working', 30_000)
  await pause(1_500)
  const done = await act(agent, { verb: 'interrupt' }, tally)
  if (done.data.end !== 'interrupted') throw new Failed(`interrupt ended ${done.data.end}`, (await agent.eye.look()).screen)
  const after = await agent.eye.look()
  if (after.state === 'working') tally.wrong.push('interrupted, and works on')
  tally.steps.push('interrupted')
}

const LONG = Array.from({ length: 45 }, (_, at) => `Zeile ${at}: the quick brown fox, "${'x'.repeat(at % 7)}"`).join('\n')

/** More lines than an input line shows: most CLIs fold them to a placeholder. */
async function long(agent: Agent, tally: Tally): Promise<void> {
  await ready(agent)
  const id = mark()
  await send(agent, `mock:say run=${id}\n${LONG}`, id, tally)
  await ready(agent)
  tally.steps.push('long paste')
}

/** A prompt for a busy agent is kept by the CLI and reaches the model when the turn is over; `submitted` would be too early. */
async function queue(agent: Agent, tally: Tally): Promise<void> {
  await ready(agent)
  const [first, second] = [mark(), mark()]
  await send(agent, `mock:slow secs=25 run=${first}`, first, tally)
  await seen(agent, 'work', (sight) => sight.state === 'working', 30_000)
  const done = await act(agent, { verb: 'deliver', prompt: `mock:say run=${second}` }, tally)
  const early = (await asked(second)).length > 0
  if (done.data.end === 'queued' && early) tally.steps.push('(queued, and sent since)')
  if (done.data.end === 'submitted' && !early) tally.falseSubmitted += 1
  if (done.data.end !== 'queued' && done.data.end !== 'submitted')
    throw new Failed(`queueing ended ${done.data.end}`, (await agent.eye.look()).screen)
  const end = Date.now() + 120_000
  while ((await asked(second)).length === 0) {
    if (Date.now() > end) {
      tally.wrong.push(`${done.data.end}, and never sent`)
      break
    }
    await pause(500)
  }
  await ready(agent)
  tally.steps.push(`${done.data.end} by ${done.effects[0]?.evidence}`)
}

async function compact(agent: Agent, tally: Tally): Promise<void> {
  await ready(agent)
  const done = await act(agent, { verb: 'compact' }, tally)
  if (done.data.end !== 'compacting') throw new Failed(`compact ended ${done.data.end}`, (await agent.eye.look()).screen)
  await ready(agent)
  tally.steps.push('compacted')
}

/** One of these before each quit, in turn. */
const EXTRAS = [long, queue, compact] as const

async function killAndResume(agent: Agent, tally: Tally): Promise<Agent> {
  const { sessionId } = await agent.eye.look()
  if (sessionId === null) throw new Failed('its session id was never seen')
  process.kill(agent.ref.pid, 'SIGKILL')
  await seen(agent, 'its death', (sight) => sight.process === 'gone', 20_000)
  const dead = await performAsk({ verb: 'deliver', prompt: 'nobody hears this' }, agent.reach)
  if (!('code' in dead)) tally.wrong.push('typed into a dead agent')
  await host.end(agent.ref, 2_000)
  const again = await spawn(sessionId)
  await ready(again, true)
  const id = mark()
  await send(again, `mock:say run=${id}\nnach dem Neustart: "ümläut" \\ Ende`, id, tally)
  const [request] = await asked(id)
  const now = (await again.eye.look()).sessionId
  if (now !== null && now !== sessionId) tally.wrong.push(`resumed ${sessionId}, is ${now}`)
  if (Number((request as { messages?: number } | undefined)?.messages ?? 0) < 3) tally.wrong.push('resumed without its history')
  tally.steps.push('resumed')
  return again
}

// a zombie waits for tmux to take note of its end
const lives = (pid: number): boolean => {
  try {
    return !/\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return false
  }
}

async function quit(agent: Agent, tally: Tally): Promise<void> {
  await ready(agent)
  const done = await act(agent, { verb: 'quit' }, tally)
  if (done.data.end !== 'ended') throw new Failed(`quit ended ${done.data.end}`, (await agent.eye.look()).screen)
  if (lives(agent.ref.pid)) tally.wrong.push('said ended, its process lives')
  tally.steps.push('quit')
}

/** Prompts that reached the model and were never sent by this job. */
async function countStrays(known: number, tally: Tally): Promise<void> {
  const unknown = (await requests())
    .slice(known)
    .filter((one) => one.main === true && one.args?.run === undefined && one.toolDone !== true)
  if (unknown.length > 0) tally.wrong.push(`${unknown.length} prompts that nobody sent`)
}

async function round(n: number): Promise<EngineRound> {
  const from = performance.now()
  const known = (await requests()).length
  const tally: Tally = { steps: [], wrong: [], falseSubmitted: 0, presses: [] }
  let agent: Agent | null = null
  let counted = false
  let trouble: { readonly message: string; readonly screen: string } | null = null
  try {
    agent = await spawn(null)
    await ready(agent)
    tally.steps.push(`ready ${Math.round(performance.now() - from)} ms`)
    const id = mark()
    await send(agent, `mock:say run=${id}\nzweite Zeile mit "Anführung" und \\\\ Ende\n\tdritte; prüfe; \`x\` $HOME`, id, tally)
    await ready(agent)
    await answer(agent, n, tally)
    await interrupt(agent, tally)
    agent = await killAndResume(agent, tally)
    const extra = EXTRAS[n % EXTRAS.length]
    // a compaction asks the model by itself
    if (extra === compact) await countStrays(known, tally)
    await extra?.(agent, tally)
    counted = extra === compact
    await quit(agent, tally)
  } catch (error) {
    trouble = { message: (error as Error).message, screen: error instanceof Failed ? error.screen : String((error as Error).stack) }
  } finally {
    if (agent !== null) await host.end(agent.ref, 2_000)
  }
  if (!counted) await countStrays(known, tally)
  return { n, cli, ms: Math.round(performance.now() - from), ...tally, trouble }
}

const { version, recorded } = await readCliVersion(asker, adapter)
process.stderr.write(`${cli} ${version}${recorded ? '' : ': not a recorded version'}\n`)
for (let n = 0; n < job.rounds; n += 1) process.stdout.write(`${JSON.stringify(await round(n))}\n`)
asker.end()
maker.close()
await host.close()
await executor.close()
