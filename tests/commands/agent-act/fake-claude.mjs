#!/usr/bin/env node
// What an engine sees of Claude Code 2.1.329 (contract agents-claude, recorded screens): registry file, composer between two
// rulers, bracketed paste, approval dialog, transcript. `ask CMD` opens a dialog, `work` a turn that only Escape ends; SIGUSR1
// puts another dialog in the place of the open one, or opens one. While a file `hold` is in its home it draws nothing and
// loses what is typed.
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'

const words = process.argv
const session = words[words.indexOf('--session-id') + 1]
const home = `${process.env.HOME}/.claude`
const transcript = `${home}/projects/demo/${session}.jsonl`
mkdirSync(`${home}/sessions`, { recursive: true })
mkdirSync(`${home}/projects/demo`, { recursive: true })
const stat = readFileSync('/proc/self/stat', 'utf8')
const procStart = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
const startedAt = Date.now()
const me = { composer: '', dialog: null, status: 'idle', said: [] }

const register = () => {
  const now = Date.now()
  const waiting = me.status === 'waiting' ? { waitingFor: 'permission prompt' } : {}
  const entry = { pid: process.pid, sessionId: session, cwd: process.cwd(), startedAt, procStart, version: '2.1.329' }
  writeFileSync(
    `${home}/sessions/${process.pid}.json`,
    JSON.stringify({
      ...entry,
      kind: 'interactive',
      entrypoint: 'cli',
      status: me.status,
      ...waiting,
      updatedAt: now,
      statusUpdatedAt: now,
    }),
  )
}

const RULER = '─'.repeat(100)
const dialogLines = () => [
  RULER,
  ' Bash command',
  '',
  ` ${me.dialog}`,
  '',
  ' Do you want to proceed?',
  ' ❯ 1. Yes',
  '   2. Yes, and always allow access to /home/dev',
  '   3. No, and tell Claude what to do differently (esc)',
  '',
  ' Esc to cancel · Tab to amend',
]
const composerLines = () => [
  ...(me.status === 'busy' ? ['◐ Simmering… (12s · ↓ 40 tokens)', ''] : []),
  RULER,
  ...`❯ ${me.composer}`.split('\n'),
  RULER,
  me.status === 'busy' ? '  esc to interrupt' : '  ? for shortcuts',
]

const draw = () => {
  const lines = [
    ' ▐▛███▛█   Claude Code v2.1.329',
    '',
    ...me.said,
    '',
    ...(me.dialog === null ? composerLines() : dialogLines()),
  ]
  process.stdout.write(`\u001b[2J\u001b[H\u001b]0;✳ Claude Code\u0007${lines.join('\r\n')}`)
}

const to = (status, dialog = null) => {
  Object.assign(me, { status, dialog })
  register()
  draw()
}

const submit = () => {
  const text = me.composer
  if (text.trim() === '') return
  me.composer = ''
  me.said = [`❯ ${text.split('\n')[0]}`, '', '● Understood.']
  const record = {
    type: 'user',
    sessionId: session,
    cwd: process.cwd(),
    timestamp: new Date().toISOString(),
    uuid: `u${Date.now()}`,
  }
  appendFileSync(transcript, `${JSON.stringify({ ...record, message: { role: 'user', content: text } })}\n`)
  if (text.startsWith('ask ')) to('waiting', text.slice(4))
  else if (text === 'work') to('busy')
  else to('idle')
}

const answer = (key) => {
  if (!['1', '2', '3'].includes(key)) return
  appendFileSync(`${process.env.HOME}/answers`, `${key} ${me.dialog}\n`)
  to('idle')
}

let rest = ''
const take = (chunk) => {
  rest += chunk
  for (;;) {
    if (rest.startsWith('\u001b[200~')) {
      const end = rest.indexOf('\u001b[201~')
      if (end === -1) return
      if (me.dialog === null) me.composer += rest.slice(6, end).replaceAll('\r', '\n')
      rest = rest.slice(end + 6)
    } else if (rest === '') return draw()
    else {
      const key = rest[0]
      rest = rest.slice(1)
      if (me.dialog !== null) answer(key)
      else if (key === '\u001b' && me.status === 'busy') to('idle')
      else if (key === '\r') submit()
      else if (key >= ' ') me.composer += key
    }
  }
}

process.on('SIGUSR1', () => to('waiting', 'rm -rf /srv'))
process.stdin.setRawMode(true)
process.stdin.setEncoding('utf8')
let deaf = true
process.stdin.on('data', (chunk) => deaf || take(chunk))
while (existsSync(`${process.env.HOME}/hold`)) await pause(50)
deaf = false
process.stdout.write('\u001b[?2004h')
to('idle')
