// One real CLI kept by the real command, as a person would do it: `vc daemon`, then `vc agent …` typed at a terminal. Truth comes from
// the mock model server, the files of the work folder and /proc, never from vc.
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AGENT_ROLES } from '../../src/core/agent-role.ts'
import type { Cli } from './clis.ts'
import { DRIVING } from './driving.ts'
import type { EngineRound } from './engine.ts'
import type { Lab, Request } from './lab.ts'
import { openPerson, type Person, type Said } from './person.ts'
import { lives, marked } from './processes.ts'
import { until } from './wait.ts'

interface Kept {
  readonly agent: string
  readonly status: string
  readonly status_reason: string | null
  readonly session: string | null
  readonly pid: number | null
  readonly recovery: { readonly proposed: string } | null
  readonly health: { readonly state: string; readonly alive: boolean | null }
}

/** The rest of one round: who, whom, and what was seen. */
interface Round {
  readonly lab: Lab
  readonly person: Person
  readonly steps: string[]
  readonly wrong: string[]
  readonly presses: string[]
  falseSubmitted: number
  /** Requests of the model that are none of this round's prompts. */
  known: number
  /** The longest that `vc agent list` took to say what was true already. */
  slowestMs: number
  agent: string
}

const WITHIN_MS = 180_000
const MODEL: Readonly<Partial<Record<Cli, readonly string[]>>> = { gemini: ['--model', 'gemini-2.5-flash'] }
const TOOL_WORDS: Readonly<Record<Cli, string>> = { claude: '', codex: ' escalate=1', gemini: '', opencode: '' }
const REST = ['idle', 'turn_finished']

const mark = (): string => randomBytes(4).toString('hex')

const asked = async (lab: Lab, id: string): Promise<readonly Request[]> =>
  (await lab.requests()).filter((one) => one.main === true && one.args?.run === id)

class Failed extends Error {
  readonly screen: string
  constructor(message: string, screen: string) {
    super(message)
    this.screen = screen
  }
}

const robot = async <T>(lab: Lab, ...words: readonly string[]): Promise<T> =>
  JSON.parse(await lab.vc(...words, '--json')) as T

const screenOf = (round: Round): Promise<string> =>
  round.lab.vc('agent', 'logs', round.agent, '--screen').catch((error: unknown) => String(error))

const listed = async ({ lab, agent }: Round): Promise<Kept | null> => {
  const { agents } = await robot<{ agents: readonly Kept[] }>(lab, 'agent', 'list', '--managed')
  return agents.find((one) => one.agent === agent) ?? null
}

/** `list` must come to say this; then `show` and, for a state, `explain` must say the same. */
async function told(round: Round, what: string, test: (kept: Kept) => boolean): Promise<Kept> {
  const from = performance.now()
  let last: Kept | null = null
  const kept = await until(
    what,
    async () => {
      last = await listed(round)
      return last !== null && test(last) ? last : null
    },
    { timeoutMs: WITHIN_MS },
  ).catch(async () => {
    throw new Failed(`vc agent list never said: ${what}; it says ${JSON.stringify(last)}`, await screenOf(round))
  })
  round.slowestMs = Math.max(round.slowestMs, Math.round(performance.now() - from))
  const shown = await robot<Kept>(round.lab, 'agent', 'show', round.agent)
  if (!test(shown)) round.wrong.push(`list says ${what}, show says ${shown.status}, ${shown.health.state}`)
  return kept
}

const inState = (round: Round, ...states: readonly string[]): Promise<Kept> =>
  told(round, `running, ${states.join(' or ')}`, (one) => one.status === 'running' && states.includes(one.health.state))

async function explained(round: Round, ...states: readonly string[]): Promise<void> {
  const { verdict } = await robot<{ verdict: { state?: string; rule?: string } }>(round.lab, 'explain', round.agent)
  if (!states.includes(String(verdict.state))) round.wrong.push(`explain says ${verdict.state} by ${verdict.rule}, not ${states.join(' or ')}`)
}

interface Expected {
  readonly exit: number
  readonly says: RegExp
  readonly answer?: 'y' | 'n'
  /** Must stand in the question a person is asked. */
  readonly shows?: string
}

/** Types `vc agent …`; another end than the expected one ends the round. */
async function types(round: Round, words: readonly string[], expected: Expected): Promise<Said> {
  const said = await round.person.type(['agent', ...words], expected.answer)
  round.presses.push(`${words[0]}:${said.exitCode}`)
  if (expected.shows !== undefined && said.question?.replaceAll(/\s/g, '').includes(expected.shows) !== true)
    round.wrong.push(`${words[0]} did not show ${expected.shows} in its question`)
  if (said.exitCode !== expected.exit || !expected.says.test(said.screen))
    throw new Failed(`vc ${said.command}: exit ${said.exitCode}, expected ${expected.exit} and ${expected.says}`, `${said.screen}\n--- agent\n${await screenOf(round)}`)
  return said
}

/** Sends a prompt that must end as submitted, and asks the model whether it came, once and once only. */
async function send(round: Round, text: string, id: string): Promise<void> {
  const { lab } = round
  const said = await types(round, ['send', round.agent, text], { exit: 0, says: /done and seen/ })
  const claims = /seen: the prompt was submitted \((.*)\)/.exec(said.screen)
  await until(`the prompt ${id} at the model`, async () => (await asked(lab, id)).length > 0, { timeoutMs: 120_000 }).catch(() => {
    if (claims !== null) round.falseSubmitted += 1
    round.wrong.push(`${id} never reached the model`)
  })
  const first = (await asked(lab, id)).filter((one) => one.toolDone !== true)
  if (first.length > 1) round.wrong.push(`the prompt ${id} came ${first.length} times`)
  round.steps.push(`submitted by ${claims?.[1] ?? '?'}`)
}

/** Gemini and OpenCode are told their role by a first prompt, the others beside every request. */
const TOLD_BY_PROMPT: readonly Cli[] = ['gemini', 'opencode']

/** What the model heard of the role when its agent was started. */
async function roleTold(round: Round): Promise<void> {
  const { lab, known } = round
  const heard = (await lab.requests()).slice(known).filter((one) => one.main === true)
  const told = heard.filter((one) => one.found === true).length
  const wanted = TOLD_BY_PROMPT.includes(lab.cli) ? 1 : 0
  if (told !== wanted || heard.length !== wanted) round.wrong.push(`${heard.length} prompts at its start, ${told} with its role`)
  round.known = (await lab.requests()).length
}

async function spawn(round: Round): Promise<void> {
  const { lab } = round
  const rests = TOLD_BY_PROMPT.includes(lab.cli) ? 'turn_finished' : 'idle'
  const words = ['spawn', '--cli', lab.cli, '--role', 'coder', '--cwd', lab.work, ...(MODEL[lab.cli] ?? [])]
  const said = await types(round, words, { exit: 0, says: /done and seen/, shows: 'startanagent' })
  round.agent = /seen: (\S+) runs/.exec(said.screen)?.[1] ?? ''
  if (round.agent === '') throw new Failed('spawn named no agent', said.screen)
  const kept = await inState(round, rests)
  if (kept.pid === null || !lives(kept.pid)) round.wrong.push(`list says it runs; pid ${kept.pid} does not`)
  await explained(round, rests)
  const drawn = rests === 'idle' ? DRIVING[lab.cli].ready : DRIVING[lab.cli].resumed
  if (!drawn.test(await screenOf(round))) round.wrong.push(`${rests} is said, its input line is not on the screen`)
  await roleTold(round)
  round.steps.push('spawned')
}

async function firstPrompt(round: Round): Promise<void> {
  const id = mark()
  await send(round, `mock:say run=${id} second words with "quotes", a \\ and $HOME; \`x\``, id)
  await inState(round, 'turn_finished', 'idle')
  const [first] = await asked(round.lab, id)
  if (first?.found !== true) round.wrong.push('the model was not told its role')
}

/** The dialog that a person is shown is the one that is answered, and only with their yes. */
async function answer(round: Round, n: number): Promise<void> {
  const { lab } = round
  const id = mark()
  const file = `f${id}.txt`
  await send(round, `Please mock:tool cmd=touch_${file}${TOOL_WORDS[lab.cli]} run=${id}`, id)
  await inState(round, 'needs_approval')
  await explained(round, 'needs_approval')
  await types(round, ['send', round.agent, 'this must not be typed'], { exit: 4, says: /refused/ })
  await types(round, ['approve', round.agent], { exit: 4, says: /refused/, answer: 'n', shows: file })
  await types(round, ['approve', round.agent, '--dialog', '0123456789ab'], { exit: 4, says: /refused/ })
  if (existsSync(join(lab.work, file))) round.wrong.push('a "no" of the person let the command run')
  const verb = n % 2 === 0 ? 'approve' : 'reject'
  await types(round, [verb, round.agent], { exit: 0, says: /done and seen/, shows: file })
  await inState(round, ...REST)
  const exists = existsSync(join(lab.work, file))
  if (exists !== (verb === 'approve')) round.wrong.push(`${verb}: the file is ${exists ? '' : 'not '}there`)
  await types(round, ['approve', round.agent], { exit: 4, says: /no dialog/ })
  round.steps.push(verb)
}

async function interrupt(round: Round): Promise<void> {
  const id = mark()
  await send(round, `mock:slow secs=120 run=${id}`, id)
  await inState(round, 'working')
  await explained(round, 'working')
  await types(round, ['interrupt', round.agent], { exit: 0, says: /done and seen/ })
  const [request] = await asked(round.lab, id)
  if (request?.served !== undefined) round.wrong.push('interrupted, and answered in full')
  await inState(round, ...REST)
  await types(round, ['interrupt', round.agent], { exit: 4, says: /refused/ })
  round.steps.push('interrupted')
}

/** kill -9, the plan, and its own session goes on with what it knew. */
async function killAndRecover(round: Round): Promise<void> {
  const before = await listed(round)
  if (before?.pid == null) throw new Failed('list knows no pid', JSON.stringify(before))
  if (before.session === null) round.wrong.push('list knows no session of an agent that has worked')
  process.kill(before.pid, 'SIGKILL')
  const dead = await told(round, 'crashed or held, not alive', (one) => ['crashed', 'held', 'stopped'].includes(one.status) && one.health.alive !== true)
  if (dead.recovery?.proposed !== 'resume') round.wrong.push(`the plan is ${dead.recovery?.proposed ?? 'none'}, not resume`)
  await types(round, ['send', round.agent, 'nobody hears this'], { exit: 4, says: /refused/ })
  const plan = await round.lab.vc('agent', 'recover')
  if (!plan.includes('--resume')) round.wrong.push('vc agent recover offers no --resume')
  const said = await types(round, ['recover', round.agent, '--resume'], { exit: 0, says: /done and seen/ })
  const kept = await inState(round, ...REST)
  if (kept.session !== before.session) round.wrong.push(`resumed ${before.session}, is ${kept.session}`)
  if (kept.pid === before.pid || kept.pid === null || !lives(kept.pid)) round.wrong.push(`recovered, pid ${kept.pid}`)
  if (!said.screen.includes('runs')) round.wrong.push('recover did not say that it runs')
  const id = mark()
  await send(round, `mock:say run=${id} nach dem Neustart`, id)
  const [request] = await asked(round.lab, id)
  if ((request?.messages ?? 0) < 3) round.wrong.push('resumed without its history')
  await inState(round, ...REST)
  round.steps.push('recovered')
}

async function stop(round: Round): Promise<void> {
  const { lab, agent } = round
  const log = await lab.vc('agent', 'logs', agent)
  if (!log.includes('nach dem Neustart')) round.wrong.push('its log does not hold what was on its screen')
  const before = marked(agent)
  if (before.length === 0) round.wrong.push('no process bears its mark')
  await types(round, ['stop', agent], { exit: 0, says: /done and seen/ })
  const left = marked(agent)
  if (left.length > 0) round.wrong.push(`stopped, and ${left.length} of its processes live`)
  await told(round, 'stopped, not alive', (one) => one.status === 'stopped' && one.health.alive !== true)
  await types(round, ['stop', agent], { exit: 4, says: /refused/ })
  round.steps.push('stopped')
}

/** Prompts that reached the model and were never sent here. */
async function strays({ lab, wrong, known }: Round): Promise<void> {
  const unknown = (await lab.requests())
    .slice(known)
    .filter((one) => one.main === true && one.args?.run === undefined && one.toolDone !== true)
  if (unknown.length > 0) wrong.push(`${unknown.length} prompts that nobody sent`)
}

async function once(lab: Lab, person: Person, n: number): Promise<EngineRound & { readonly slowestMs: number }> {
  const from = performance.now()
  const known = (await lab.requests()).length
  const round: Round = { lab, person, steps: [], wrong: [], presses: [], falseSubmitted: 0, known, slowestMs: 0, agent: '' }
  let trouble: EngineRound['trouble'] = null
  try {
    await spawn(round)
    await firstPrompt(round)
    await answer(round, n)
    await interrupt(round)
    await killAndRecover(round)
    await stop(round)
    await strays(round)
  } catch (error) {
    const { message, stack } = error as Error
    trouble = { message, screen: error instanceof Failed ? error.screen : String(stack) }
    if (round.agent !== '') await person.type(['agent', 'stop', round.agent]).catch(() => null)
  }
  const { steps, wrong, presses, falseSubmitted, slowestMs } = round
  return { n, cli: lab.cli, ms: Math.round(performance.now() - from), steps, wrong, presses, falseSubmitted, trouble, slowestMs }
}

/** A daemon with the scratch configuration, a person at a terminal, and this many agents one after another. */
export async function runCockpit(lab: Lab, rounds: number, each: (round: EngineRound) => void): Promise<readonly EngineRound[]> {
  const dir = join(lab.home, '.config', 'vc')
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const text = '[[machines]]\nid = "here"\nssh = "local"\nallow_write_commands = true\n'
  writeFileSync(join(dir, 'vc.toml'), text, { mode: 0o600 })
  const all: EngineRound[] = []
  await lab.lookFor(AGENT_ROLES.coder.prompt.slice(0, 40))
  await lab.startDaemon()
  const person = await openPerson(lab)
  try {
    for (let n = 0; n < rounds; n += 1) {
      const round = await once(lab, person, n)
      all.push(round)
      each(round)
    }
  } finally {
    await person.close()
    await lab.vc('daemon', 'stop')
    lab.endEngine()
  }
  return all
}
