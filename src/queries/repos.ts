import { z } from 'zod'
import { defineQuery } from './define.ts'
import { readRepos } from './fleet-rows.ts'
import { atParam, flag, momentOf } from './params.ts'
import { count, isoTime } from './shapes.ts'

const repoLine = z.object({
  machine: z.string(),
  repo: z.string().describe('same id on every machine that has it'),
  path: z.string(),
  name: z.string().nullable(),
  url: z.string().nullable(),
  state: z.string().describe('ok | not_a_repo | bare | dubious_ownership | missing | failed'),
  branch: z.string().nullable().describe('null: detached or unborn'),
  dirty: z.boolean().nullable(),
  untracked: count.nullable(),
  conflicted: count.nullable(),
  ahead: count.nullable().describe('null: no upstream to compare with'),
  behind: count.nullable(),
  stashes: count.nullable(),
  last_commit: isoTime.nullable(),
  commits_7d: count.nullable(),
  commits_30d: count.nullable(),
  collected_at: isoTime.nullable(),
})

export const repos = defineQuery({
  name: 'repos',
  version: 1,
  summary: 'Working directories of agents as git sees them',
  params: z.strictObject({
    ...atParam,
    machine: z.string().optional(),
    dirty: flag.describe('only dirty ones'),
  }),
  data: z.object({ repos: z.array(repoLine) }),
  example: {},
  async load(params, ctx) {
    const rows = await readRepos(ctx, momentOf(params, ctx.now), params.machine)
    return {
      data: {
        repos: rows
          .filter((row) => !params.dirty || row.dirty)
          .map((row) => ({
            machine: row.machine_id,
            repo: row.repo_id,
            path: row.path,
            name: row.name,
            url: row.url,
            state: row.state ?? 'failed',
            branch: row.branch,
            dirty: row.dirty,
            untracked: row.untracked,
            conflicted: row.conflicted,
            ahead: row.ahead,
            behind: row.behind,
            stashes: row.stashes,
            last_commit: row.last_commit_at,
            commits_7d: row.commits_7d,
            commits_30d: row.commits_30d,
            collected_at: row.collected_at,
          })),
      },
    }
  },
})
