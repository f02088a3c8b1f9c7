import type { DemoMachine } from './describe.ts'
import { bareMarks } from './live-text.ts'
import { sectionsText } from './sections-text.ts'

const AGENTS: Readonly<Record<string, string>> = {
  claude: 'claude_code',
  codex: 'codex',
  gemini: 'gemini',
  opencode: 'opencode',
}

const health = {
  ...{
    status: 'healthy',
    healthy: true,
    health_level: 'healthy',
    initialized: true,
    warnings: [],
    errors: [],
    latency_ms: 11,
  },
  recommended_action: null,
  rebuild_progress: { active: false, stalled: false, phase: null, completion_ratio: null },
  db: { exists: true, opened: true, conversations: null, messages: null, counts_skipped: true },
  state: {
    index: {
      exists: true,
      fresh: true,
      last_indexed_at: '@{iso-610}',
      age_seconds: 610,
      stale: false,
      stale_threshold_seconds: 1800,
      documents: 18_422,
    },
    pending: { sessions: 2, watch_active: true },
  },
}

const session = (id: number, agent: string, agoS: number, messages: number) => ({
  ...{
    id,
    agent,
    title: null,
    started_at: `@@start.epochms-${agoS}@@`,
    ended_at: null,
    source_path: `/srv/sessions/${id}.jsonl`,
  },
  ...{ message_count: messages, source_id: 'local', origin_kind: 'local', origin_host: null, duration_seconds: null },
})

/** What cass reports on this machine: its index, its totals, and when sessions of these agents began. */
export const cassText = ({ agents }: DemoMachine): string => {
  const names = agents.map(({ cli }) => AGENTS[cli] ?? cli)
  const counts = new Map(names.map((name, at) => [name, 640 - at * 210]))
  const conversations = [...counts.values()].reduce((sum, count) => sum + count, 0)
  const stats = {
    ...{ conversations, messages: conversations * 84 },
    by_agent: [...counts].map(([agent, count]) => ({ agent, count })),
    top_workspaces: agents.map(({ cwd }, at) => ({ workspace: cwd, count: 300 - at * 90 })),
    date_range: { oldest: '2026-01-09T08:12:00+00:00', newest: '@{start.iso-1800}' },
    raw_mirror: { initialized: false },
  }
  const sessions = names.flatMap((agent, at) =>
    [1, 5, 22, 27, 49].map((hours) => session(100 * at + hours, agent, hours * 3600 + at * 400, 12 + hours * 3)),
  )
  const timeline = { range: { start: 0, end: 0 }, total_sessions: sessions.length, sessions }
  return sectionsText([
    ['health', JSON.stringify(health), 0],
    ['stats', JSON.stringify(stats), 0],
    ['timeline', bareMarks(JSON.stringify(timeline)), 0],
  ])
}

/** What a search of cass finds here, whatever the text was: one place in the newest session. */
export const cassSearchText = ({ agents }: DemoMachine): string => {
  const hits = agents.slice(0, 1).map(({ cli, cwd, title }) => ({
    ...{
      title,
      snippet: `…the limits of the provider are read from ${cwd}…`,
      source_path: `/srv/sessions/${cli}.jsonl`,
    },
    ...{
      agent: AGENTS[cli] ?? cli,
      workspace: cwd,
      created_at: '@@start.epochms-3600@@',
      line_number: 42,
      origin_kind: 'local',
    },
  }))
  const found = { query: 'limits', limit: 10, offset: 0, count: hits.length, total_matches: hits.length, hits }
  return sectionsText([['search', bareMarks(JSON.stringify(found)), 0]])
}
