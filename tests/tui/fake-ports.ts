import type { AskRequest, Reply } from '../../src/core/carrier.ts'
import { VcError } from '../../src/core/errors.ts'
import { parseMoment } from '../../src/core/moment.ts'
import type { CommandNode, Kept, Pressed, TuiPorts } from '../../src/tui/ports.ts'

const COMMANDS: CommandNode = {
  name: 'vc',
  about: '',
  options: [],
  values: null,
  children: [
    {
      name: 'alert',
      about: 'what the rules found',
      options: [],
      values: null,
      children: [
        {
          name: 'ack',
          about: 'a person has seen it',
          options: [{ flags: ['--note'], about: 'words', takesValue: true }],
          values: null,
          children: [],
        },
      ],
    },
    {
      name: 'machines',
      about: 'list, add, probe',
      options: [],
      values: null,
      children: [{ name: 'probe', about: 'look at the way', options: [], values: 'machines', children: [] }],
    },
  ],
}

/** A world for the cockpit without daemon, clock or disk: answers by topic, a clock that is moved. */
export const fakePorts = (answers: Readonly<Record<string, unknown>> = {}, kept: Kept = {}) => {
  const asked: AskRequest[] = []
  const ran: (readonly string[])[] = []
  const saved: Kept[] = []
  const pressed: ({ readonly agent: string } & Pressed)[] = []
  let ms = 1_000
  let lost = false
  const replies = new Map(Object.entries(answers))
  const ports: TuiPorts = {
    async ask(request): Promise<Reply> {
      asked.push(request)
      if (lost) throw new VcError('daemon_lost', 'no daemon answers (absent)', 'start one: vc daemon start')
      const data = replies.get(request.topic)
      if (data instanceof Error) throw data
      return { topic: request.topic, version: 1, generatedAt: '2026-11-20T12:00:00Z', data: data ?? {} }
    },
    async run(argv, say, answer) {
      ran.push(argv)
      if (argv[0] === 'fail') throw new VcError('bad', 'it cannot be done', 'do another thing')
      if (argv[0] === 'ask') say(`you said ${await answer({ lines: ['a dialog'], message: 'Do it?', kind: 'yes' })}\n`)
      else say(`ran ${argv.join(' ')}\n`)
      return 0
    },
    refuses: (argv) => (argv[0] === 'watch' ? 'it does not end by itself' : null),
    commands: async () => COMMANDS,
    live: async (agent) => ({ lines: [[{ text: `screen of ${agent}` }]], note: null }),
    async press(agent, one) {
      pressed.push({ agent, ...one })
      return null
    },
    attach: async () => undefined,
    kept: { load: () => kept, save: (one) => void saved.push(one) },
    moment: (text) => parseMoment(text, new Date('2026-11-20T12:00:00Z')),
    monotonicMs: () => ms + performance.now(),
    now: () => new Date('2026-11-20T12:00:00Z'),
  }
  return {
    ports,
    asked,
    ran,
    pressed,
    saved,
    answer: (topic: string, data: unknown): void => void replies.set(topic, data),
    lose: (on: boolean): void => {
      lost = on
    },
    /** The clock of ages goes on. */
    pass: (more: number): void => {
      ms += more
    },
  }
}
