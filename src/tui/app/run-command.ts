import { messageOf, VcError } from '../../core/errors.ts'
import type { Question } from '../ports.ts'
import { ageWords } from '../view/age.ts'
import { type Line, span } from '../view/line.ts'
import { type Cockpit, closeLayer, openLayer, say, toast } from './cockpit.ts'
import type { Layer } from './layer.ts'
import { detailLayer } from './layers/detail.ts'
import { questionLayer } from './layers/prompt.ts'

const MOST_CHARS = 400_000

const ended: Readonly<Record<number, readonly [string, 'good' | 'warn' | 'bad']>> = {
  0: ['done', 'good'],
  3: ['stale', 'warn'],
  4: ['refused', 'warn'],
  5: ['effect unknown', 'bad'],
  124: ['timed out', 'bad'],
}

const endText = (exit: number): readonly [string, 'good' | 'warn' | 'bad'] => ended[exit] ?? [`exit ${exit}`, 'bad']

// What a command prints before it asks is what one must read before answering.
const saidLast = (text: string): readonly string[] => text.trimEnd().split('\n').slice(-14)

const ask = (cockpit: Cockpit, question: Question): Promise<string | null> =>
  new Promise((resolve) => {
    const layer: Layer = {
      ...questionLayer(question, (answer) => {
        resolve(answer)
        closeLayer(cockpit, layer)
      }),
      closed: () => resolve(null),
    }
    openLayer(cockpit, layer)
  })

/** Runs a vc command as typed; what it prints grows in a box, what it asks is asked in another. */
export const runCommand = (cockpit: Cockpit, argv: readonly string[], title: string): void => {
  const { ports } = cockpit
  const refusal = ports.refuses(argv)
  if (refusal !== null) return void say(cockpit, refusal)
  const beganMs = ports.monotonicMs()
  let text = ''
  let exit: number | null = null
  let open = true
  const note = (): Line => {
    if (exit === null)
      return [
        span(
          `${'◐◓◑◒'[Math.floor((ports.monotonicMs() - beganMs) / 500) % 4]} ${ageWords((ports.monotonicMs() - beganMs) / 1000)}`,
          'info',
        ),
      ]
    const [words, tone] = endText(exit)
    return [span(words, tone)]
  }
  const layer: Layer = {
    ...detailLayer(
      () => ({
        id: 'run',
        title: `vc ${argv.join(' ')}`,
        text: text === '' && exit === null ? 'running …  (Esc leaves it to itself)' : text,
        note: note(),
        follow: exit === null,
      }),
      () => closeLayer(cockpit, layer),
    ),
    id: 'run',
    closed: () => {
      open = false
    },
  }
  openLayer(cockpit, layer)
  const grow = (more: string): void => {
    text = (text + more).slice(-MOST_CHARS)
    cockpit.changed()
  }
  ports
    .run(argv, grow, (question) => ask(cockpit, { ...question, lines: [...question.lines, ...saidLast(text)] }))
    .catch((error: unknown) => {
      grow(error instanceof VcError ? `${error.message}\nfix: ${error.fix}\n` : `${messageOf(error)}\n`)
      return 1
    })
    .then((code) => {
      exit = code
      if (text === '') grow(`(it said nothing) ${endText(code)[0]}\n`)
      if (!open) toast(cockpit, `${title}: ${endText(code)[0]}`, endText(code)[1])
      // What it changed is asked for at once.
      cockpit.answers.refresh()
      cockpit.changed()
    })
    .catch((error: unknown) => say(cockpit, messageOf(error), 'bad'))
}
