import type * as z from 'zod'
import type { beads } from '../queries/beads.ts'
import type { builds } from '../queries/builds.ts'
import type { mail } from '../queries/mail.ts'
import { repos } from '../queries/repos.ts'
import { type Answerer, command, few, from, namedOf, onMachine } from './ask-answer.ts'

export const readyWork: Answerer = async (about) => {
  const repo = namedOf(about, 'repo')
  const params = { ...onMachine(about), ...(repo === undefined ? {} : { repo }), limit: '8' }
  const { totals, ready } = (await about.ask('beads', params)).data as z.output<typeof beads.data>
  const none = totals.projects === 0
  return {
    answer: none
      ? 'no project with issues was seen'
      : `${totals.ready} ready, ${totals.in_progress} in progress, ${totals.blocked} blocked in ${totals.projects} projects`,
    evidence: from(
      'beads',
      ready.map(
        (one) =>
          `${one.id} (P${one.priority ?? '?'}, ${one.name ?? one.project}): ${one.title ?? 'untitled'}${one.unblocks ? `; unblocks ${one.unblocks}` : ''}`,
      ),
    ),
    commands: none
      ? []
      : [
          command(
            ['robot', 'beads', ...(repo === undefined ? [] : ['--repo', repo]), '--json'],
            'with reasons, blocked ones and cycles',
          ),
        ],
  }
}

export const buildsNow: Answerer = async (about) => {
  const said = (await about.ask('builds', onMachine(about))).data as z.output<typeof builds.data>
  const up = said.daemons.filter((one) => one.state === 'up')
  const queued = up.reduce((sum, one) => sum + (one.queued ?? 0), 0)
  const active = up.reduce((sum, one) => sum + (one.active ?? 0), 0)
  return {
    answer:
      said.daemons.length === 0
        ? 'no build daemon was seen'
        : `${active} builds run, ${queued} wait; ${up.length} of ${said.daemons.length} daemons are up`,
    evidence: from('builds', [
      ...said.daemons.map(
        (one) =>
          `${one.machine}: ${one.state}${one.top_issue === null ? '' : `, ${one.top_issue}`}${one.error === null ? '' : `, ${one.error}`}`,
      ),
      ...few(
        said.running.map(
          (one) =>
            `${one.phase} on ${one.machine}: ${one.project ?? '?'}${one.stuck_confidence === null ? '' : `, stuck with confidence ${one.stuck_confidence}`}`,
        ),
      ),
    ]),
    commands:
      said.daemons.length === 0 ? [] : [command(['robot', 'builds', '--json'], 'workers, running and finished builds')],
  }
}

export const mailNow: Answerer = async (about) => {
  const { totals, projects, messages } = (await about.ask('mail', onMachine(about))).data as z.output<typeof mail.data>
  return {
    answer:
      projects.length === 0
        ? 'no mail between agents was seen'
        : `${totals.unread} unread, ${totals.urgent_unread} of them urgent; ${totals.ack_overdue} acknowledgements are overdue`,
    evidence: from('mail', [
      ...few(
        projects.map(
          (one) =>
            `${one.project ?? 'no project'} on ${one.machine}: ${one.unread} unread, ${one.ack_overdue} overdue, ${one.reservations} files reserved`,
        ),
      ),
      ...few(
        messages
          .filter((one) => one.unacked_by.length > 0)
          .map((one) => `${one.from ?? '?'} waits for ${one.unacked_by.join(', ')}: ${one.subject ?? 'no subject'}`),
      ),
    ]),
    commands: projects.length === 0 ? [] : [command(['robot', 'mail', '--json'], 'every message that waits')],
  }
}

export const dirtyRepos: Answerer = async (about) => {
  const { repos: all } = (await about.ask('repos', { ...onMachine(about), ...repos.whole })).data as z.output<
    typeof repos.data
  >
  const name = namedOf(about, 'repo')
  const mine = name === undefined ? all : all.filter((one) => one.name === name)
  const open = mine.filter((one) => one.dirty === true || (one.ahead ?? 0) > 0 || (one.behind ?? 0) > 0)
  const seen = (at: string | null): string => (at === null ? 'never looked at' : `seen ${at}`)
  return {
    answer: `${mine.filter((one) => one.dirty === true).length} of ${mine.length} checkouts are dirty, ${mine.filter((one) => (one.ahead ?? 0) > 0).length} have commits to push`,
    evidence: from(
      'repos',
      few(
        open.map(
          (one) =>
            `${one.machine} ${one.path}: ${one.dirty === true ? 'dirty' : 'clean'}, ahead ${one.ahead ?? '?'}, behind ${one.behind ?? '?'}, ${seen(one.collected_at)}`,
        ),
      ),
    ),
    commands: [command(['robot', 'repos', '--dirty', '--json'], 'every dirty checkout')],
  }
}
