import type { FakeProgram } from '../../../src/engine/hosts/fake-host.ts'
import type { Programs } from './host-contract.ts'

const linesOf = (take: (line: string) => void, echo: (text: string) => void) => {
  let line = ''
  return (data: string): void => {
    for (const char of data) {
      echo(char === '\r' ? '\r\n' : char)
      if (char === '\r') take(line)
      line = char === '\r' ? '' : line + char
    }
  }
}

const spelled = (data: string): string =>
  data.replace(/[\u0000-\u001f]/g, (char) => `^${String.fromCharCode(char.charCodeAt(0) + 64)}`)

/** The programs of the contract as functions. */
export const FAKES: Readonly<Record<string, FakeProgram>> = {
  echo: (terminal) => {
    terminal.write('\u001b]2;echoing\u0007')
    const answer = (line: string): void => terminal.write(`${line.toUpperCase()}\r\n`)
    return { input: linesOf(answer, terminal.write) }
  },
  exits: (terminal) => {
    terminal.write('here\r\n')
    terminal.exit(3)
    return {}
  },
  stubborn: (terminal) => {
    terminal.write('ready\r\n')
    return { input: terminal.write, ignoresTerm: true }
  },
  bracketed: (terminal) => {
    terminal.write('\u001b[?2004hready\r\n')
    return { input: (data) => terminal.write(spelled(data)) }
  },
  environment: (terminal) => {
    terminal.write(`[${terminal.spec.env?.VC_WORD}]\r\n`)
    return {}
  },
}

export const FAKE_PROGRAMS: Programs = {
  echo: ['echo'],
  exits: ['exits'],
  stubborn: ['stubborn'],
  bracketed: ['bracketed'],
  environment: ['environment'],
}
