// Records what screens of the cockpit are answered by a running daemon (vc up --demo prints its socket) into tests/fixtures/tui/<screen>.json:
// npx node scripts/record-tui.ts <socket> [screen …] [-- <panel>=<row> …]   The moment of recording becomes the clock of the tests.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Reply } from '../src/core/carrier.ts'
import { requestText } from '../src/transport/socket-client.ts'
import type { AnswerNow, Screen, ScreenView } from '../src/tui/screen.ts'
import { loadScreens } from '../src/tui/screens/index.ts'

const dir = join(import.meta.dirname, '../tests/fixtures/tui')

const ask = async (socket: string, topic: string, params: Readonly<Record<string, unknown>>): Promise<Reply> => {
  const { text } = await requestText(socket, { method: 'POST', path: '/v1/ask', body: { topic, params } })
  return JSON.parse(text) as Reply
}

const answerOf = (reply: Reply): AnswerNow => ({
  data: reply.data,
  ageMs: 0,
  staleness: reply.staleness ?? {},
  warnings: reply.warnings ?? [],
  error: null,
})

// What is asked next may depend on what was answered first: a screen that shows one machine asks which there are.
const recorded = async (screen: Screen, socket: string, chosen: Readonly<Record<string, string>>) => {
  const now = new Date()
  const answers: Record<string, AnswerNow> = {}
  for (let round = 0; round < 3; round += 1) {
    const view: ScreenView = {
      now,
      at: null,
      filter: { machine: null, repo: null, provider: null, hours: 24, text: '' },
      answers,
      chosen,
      options: {},
    }
    for (const { as, topic, params } of screen.asks(view))
      answers[as] = answerOf(await ask(socket, topic, params ?? {}))
  }
  const kept = Object.entries(answers).map(([as, { data, staleness, warnings }]) => [as, { data, staleness, warnings }])
  return { now: now.toISOString(), chosen, answers: Object.fromEntries(kept) }
}

const words = process.argv.slice(2)
const split = words.indexOf('--')
const [socket = '', ...ids] = split < 0 ? words : words.slice(0, split)
const chosen = Object.fromEntries((split < 0 ? [] : words.slice(split + 1)).map((pair) => pair.split('=', 2)))
mkdirSync(dir, { recursive: true })
for (const screen of (await loadScreens()).filter(({ id }) => ids.length === 0 || ids.includes(id))) {
  const { now, chosen: rows, answers } = await recorded(screen, socket, chosen)
  // An answer per line: what changes when it is recorded again can be seen.
  const lines = Object.entries(answers).map(([as, answer]) => `  ${JSON.stringify(as)}: ${JSON.stringify(answer)}`)
  const text = `{\n "now": "${now}",\n "chosen": ${JSON.stringify(rows)},\n "answers": {\n${lines.join(',\n')}\n }\n}`
  writeFileSync(join(dir, `${screen.id}.json`), `${text}\n`)
  process.stdout.write(`${screen.id}: ${text.length} characters\n`)
}
