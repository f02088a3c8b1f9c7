import type { CommandEntry } from '../deps.ts'

/** Every command, in the order help shows them. To add one: a file beside this one that exports `register`, and a line here. */
export const commands: readonly CommandEntry[] = [
  { name: 'up', about: 'start the cockpit in the foreground', load: () => import('./up.ts') },
  { name: 'daemon', about: 'own the store, poll the fleet, answer other commands', load: () => import('./daemon.ts') },
  { name: 'collect', about: 'look once, now', load: () => import('./collect.ts') },
  { name: 'status', about: 'the fleet on one screen, what is wrong first', load: () => import('./status.ts') },
  { name: 'at', about: 'the cockpit as it was at a moment of the past', load: () => import('./at.ts') },
  { name: 'diff', about: 'what changed between two times', load: () => import('./diff.ts') },
  { name: 'incident', about: 'troubles that were more than one alert', load: () => import('./incident.ts') },
  { name: 'watch', about: 'a stream of changes, one JSON object per line', load: () => import('./watch.ts') },
  { name: 'explain', about: "which evidence decided an agent's state", load: () => import('./explain.ts') },
  {
    name: 'account',
    about: 'which accounts there are, how full, and which to use next',
    load: () => import('./account.ts'),
  },
  { name: 'ask', about: 'a question in words, answered with evidence', load: () => import('./ask.ts') },
  { name: 'alert', about: 'what the rules found, and who is told', load: () => import('./alert.ts') },
  { name: 'rules', about: 'try your own alert rules on samples', load: () => import('./rules.ts') },
  { name: 'search', about: 'find a text in all that vc knows', load: () => import('./search.ts') },
  { name: 'oracle', about: 'forecasts, and how right they were', load: () => import('./oracle.ts') },
  { name: 'doctor', about: 'what vc cannot see and why', load: () => import('./doctor.ts') },
  { name: 'robot', about: 'answers for agents: one JSON envelope per question', load: () => import('./robot.ts') },
  { name: 'robot-docs', about: 'schemas, examples, topics, guide for agents', load: () => import('./robot-docs.ts') },
  { name: 'query', about: "your own SQL on vc's tables, read only", load: () => import('./query.ts') },
  { name: 'db', about: 'the database file: backups, checks, repair', load: () => import('./db.ts') },
  { name: 'machines', about: 'list, add, probe and trust machines', load: () => import('./machines.ts') },
  { name: 'config', about: 'show, explain and check the configuration', load: () => import('./config.ts') },
  { name: 'hooks', about: 'let agent CLIs tell vc more; off unless you say so', load: () => import('./hooks.ts') },
  { name: 'record', about: 'write a real machine down as a fixture', load: () => import('./record.ts') },
  { name: 'completion', about: 'print shell completion', load: () => import('./completion.ts') },
]
