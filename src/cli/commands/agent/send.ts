import type { Command } from 'commander'
import type { RegisterCommand } from '../../deps.ts'
import { readAll } from '../../read-stdin.ts'
import { type SteerOptions, steer, steering } from './steering.ts'

export const send: RegisterCommand = (agent, deps) => {
  steering(
    agent,
    'send',
    'give it its next prompt, and look whether it was taken',
    'vc agent send atlas/claude-7k2m "run the tests and mend what fails"\n  vc agent send claude-7k2m - < task.md',
  )
    .argument('<text...>', "what to send; '-' reads it from stdin")
    .action(async (name: string, words: readonly string[], options: SteerOptions, command: Command) => {
      const text = words.length === 1 && words[0] === '-' ? await readAll(deps.io.stdin) : words.join(' ')
      await steer(deps, command, 'send', { agent: name, text }, options)
    })
}
