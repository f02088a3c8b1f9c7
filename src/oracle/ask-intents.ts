import type { NameKind } from './ask-names.ts'

/** Something that can be asked: data, so that help, docs and the reading of questions are the same lines. */
export interface Intent {
  readonly id: string
  readonly about: string
  readonly example: string
  /** Each list is one way to ask it: all its words must stand in the question. `x*`: any word that begins so. */
  readonly says: readonly (readonly string[])[]
  /** A thing that must be named. */
  readonly needs: NameKind | null
  /** What of a time it can answer: a span, a beginning alone, or (absent) only the present. */
  readonly times?: 'span' | 'beginning'
  /** Whether it can be told by something: per day, by model. */
  readonly groups?: true
  /** Named queries it is answered from; the first carries the answer. */
  readonly topics: readonly string[]
}

/** In order of precedence where two fit equally well. */
export const INTENTS: readonly Intent[] = [
  {
    id: 'machine_slow',
    about: 'why a machine is slow, or how it is',
    example: 'why is atlas slow?',
    says: [['slow*'], ['lag*'], ['sluggish'], ['overload*'], ['busy'], ['load'], ['cpu'], ['memory'], ['swap*'], ['how', 'machine'], ['why', 'hot'], ['unhealthy'], ['offline'], ['unreachable'], ['down']],
    needs: 'machine',
    times: 'beginning',
    topics: ['machine', 'events'],
  },
  {
    id: 'agent_stuck',
    about: 'why an agent is stuck, or what it does',
    example: 'why is atlas/claude-7k2m stuck?',
    says: [['stuck'], ['hang*'], ['stall*'], ['frozen'], ['fail*'], ['what', 'doing'], ['why', 'not', 'working'], ['silent'], ['wait*', 'why']],
    needs: 'agent',
    topics: ['explain'],
  },
  {
    id: 'who_needs_me',
    about: 'which agents wait for a person',
    example: 'who needs me?',
    says: [['needs', 'me'], ['need', 'me'], ['who', 'need*'], ['wait*', 'me'], ['who', 'wait*'], ['approv*'], ['who', 'stuck'], ['which', 'stuck'], ['question*', 'asked'], ['blocked', 'agent*'], ['attention']],
    needs: null,
    topics: ['agents'],
  },
  {
    id: 'what_next',
    about: 'what to do next',
    example: 'what should I do next?',
    says: [['do', 'next'], ['do', 'now'], ['what', 'wrong'], ['what', 'down'], ['which', 'down'], ['which', 'slow'], ['which', 'offline'], ['anything', 'wrong'], ['first'], ['triage'], ['how', 'fleet'], ['problem*'], ['priorit*']],
    needs: null,
    topics: ['triage'],
  },
  {
    id: 'cost',
    about: 'what it costs, in tokens and money',
    example: 'what did it cost this week?',
    says: [['cost*'], ['spen*'], ['money'], ['expens*'], ['price*'], ['token*'], ['bill*'], ['dollar*'], ['budget*'], ['burn*']],
    needs: null,
    times: 'span',
    groups: true,
    topics: ['usage'],
  },
  {
    id: 'next_account',
    about: 'which account to use next',
    example: 'which account should I use next?',
    says: [['account*'], ['rate', 'limit*'], ['limit*'], ['quota*'], ['headroom'], ['head-room'], ['swap', 'account*'], ['which', 'login*']],
    needs: null,
    topics: ['accounts'],
  },
  {
    id: 'changed',
    about: 'what changed since a time',
    example: 'what changed since 2h?',
    says: [['chang*'], ['happen*'], ['what', 'new'], ['missed'], ['miss'], ['events']],
    needs: null,
    times: 'span',
    topics: ['events'],
  },
  {
    id: 'ready_work',
    about: 'which issues are ready to be worked on',
    example: 'what is ready?',
    says: [['ready'], ['bead*'], ['issue*'], ['backlog'], ['blocked'], ['work', 'on'], ['task*'], ['todo*']],
    needs: null,
    topics: ['beads'],
  },
  {
    id: 'disk',
    about: 'how full disks are',
    example: 'how full are the disks?',
    says: [['disk*'], ['full'], ['space'], ['inode*'], ['filesystem*'], ['storage']],
    needs: null,
    topics: ['machines'],
  },
  {
    id: 'builds',
    about: 'how remote builds go',
    example: 'how are the builds?',
    says: [['build*'], ['compil*'], ['rch'], ['worker*']],
    needs: null,
    topics: ['builds'],
  },
  {
    id: 'mail',
    about: 'mail between agents that nobody read or acknowledged',
    example: 'is there unread mail?',
    says: [['mail*'], ['unread'], ['inbox*'], ['acknowledg*'], ['messages'], ['reservation*'], ['reserved']],
    needs: null,
    topics: ['mail'],
  },
  {
    id: 'incidents',
    about: 'trouble: incidents and firing alerts',
    example: 'which incidents are open?',
    says: [['incident*'], ['outage*'], ['alert*'], ['firing'], ['alarm*'], ['trouble']],
    needs: null,
    topics: ['incidents', 'triage'],
  },
  {
    id: 'dirty_repos',
    about: 'which checkouts hold uncommitted or unpushed work',
    example: 'which repos are dirty?',
    says: [['dirty'], ['uncommitted'], ['unpushed'], ['repo*'], ['checkout*'], ['behind'], ['ahead']],
    needs: null,
    topics: ['repos'],
  },
] // biome-ignore format: ways to ask stay in one line
