import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import type { TableSpec } from '../../src/store/index.ts'
import * as store from '../../src/store/index.ts'
import { TABLES } from '../../src/store/index.ts'
import { ATTRIBUTION, USAGE } from '../../src/store/write/collapse.ts'
import { ROLLUPS } from '../../src/store/write/rollups.ts'
import { suiteStore, tempStore } from './support.ts'

const specs = TABLES as readonly TableSpec[]
const opened = suiteStore(tempStore)
const shape = (columns: readonly { readonly name: string; readonly type: string }[]) =>
  columns.map(({ name, type }) => `${name} ${type}`).sort()

describe('the registry and the migrated catalogue agree', () => {
  test('every registered table exists with its key, time, quiet and text columns', () => {
    const { catalog } = opened()
    for (const spec of specs) {
      const table = catalog.get(spec.name)
      const named = [...spec.key, spec.time, ...(spec.quiet ?? []), ...(spec.text ?? [])]
      expect([spec.name, named.filter((column) => !table?.byName.has(column))]).toEqual([spec.name, []])
      for (const column of spec.text ?? []) expect(table?.byName.get(column)?.type).toBe('VARCHAR')
      for (const rollup of spec.rollups ?? []) expect(ROLLUPS.map(({ table: name }) => name)).toContain(rollup)
    }
  })

  test('a latest table has the columns of its table', () => {
    const { catalog } = opened()
    for (const spec of specs) {
      if (!spec.latest) continue
      expect([spec.latest, shape(catalog.get(spec.latest)?.columns ?? [])]).toEqual([
        spec.latest,
        shape(catalog.get(spec.name)?.columns ?? []),
      ])
    }
  })

  test('a twin has the columns of its table plus event_at', () => {
    const { catalog } = opened()
    for (const spec of specs) {
      if (!spec.twin) continue
      const expected = [...shape(catalog.get(spec.name)?.columns ?? []), 'event_at TIMESTAMP'].sort()
      expect([spec.twin, shape(catalog.get(spec.twin)?.columns ?? [])]).toEqual([spec.twin, expected])
    }
  })

  test('current tables have their key as primary key, fact tables have none, and nothing else is indexed', async () => {
    const { catalog, db } = opened()
    for (const spec of specs) {
      const expected = spec.mode === 'current' ? spec.key : []
      expect([spec.name, catalog.get(spec.name)?.primaryKey]).toEqual([spec.name, expected])
    }
    expect(await db.rows('SELECT index_name FROM duckdb_indexes()')).toEqual([])
  })

  test('every fact table carries the envelope, and state tables their scope and gone', () => {
    const { catalog } = opened()
    const envelope = ['collected_at', 'machine_id', 'source', 'source_version', 'schema_version']
    for (const spec of specs) {
      if (spec.mode === 'current') continue
      const needed = spec.mode === 'state' ? [...envelope, 'scope', 'gone'] : envelope
      const missing = needed.filter((name) => catalog.get(spec.name)?.byName.get(name)?.nullable !== false)
      expect([spec.name, missing]).toEqual([spec.name, []])
    }
  })

  test('every table of the file is known to the registry in some role', () => {
    const { catalog } = opened()
    const own = ['schema_migrations', 'latest_scrapes', 'cursors']
    const known = new Set(specs.flatMap((spec) => [spec.name, spec.latest, spec.twin, ...(spec.rollups ?? [])]))
    expect([...catalog.keys()].filter((name) => !known.has(name) && !own.includes(name))).toEqual([])
  })

  test('every column of the ledger has a rule for merging', () => {
    const { catalog } = opened()
    const ruled = new Set<string>([...USAGE, ...ATTRIBUTION, 'provider', 'message_key', 'request_id', 'shared'])
    const columns = catalog.get('agent_usage')?.columns.map(({ name }) => name) ?? []
    expect(columns.filter((name) => !ruled.has(name))).toEqual([])
  })
})

describe('row types', () => {
  const TYPED: readonly (readonly [string, z.ZodObject])[] = [
    ['machines', store.MachineRow],
    ['machine_tool_capabilities', store.ToolCapabilityRow],
    ['scrapes', store.ScrapeRow],
    ['latest_scrapes', store.LatestScrapeRow],
    ['cursors', store.CursorRow],
    ['sys_samples', store.SysRow],
    ['sys_filesystems', store.FilesystemRow],
    ['sys_pressure', store.PressureRow],
    ['sys_top_processes', store.TopProcessRow],
    ['self_samples', store.SelfRow],
    ['pty_sessions', store.PtySessionRow],
    ['pty_panes', store.PaneRow],
    ['pending_dialogs', store.PendingDialogRow],
    ['agents', store.AgentRow],
    ['agent_aliases', store.AgentAliasRow],
    ['latest_agent_states', store.AgentStateRow],
    ['agent_state_events', store.AgentStateEventRow],
    ['agent_processes', store.AgentProcessRow],
    ['agent_process_samples', store.AgentProcessSampleRow],
    ['agent_sightings', store.SightingRow],
    ['agent_sessions', store.AgentSessionRow],
    ['account_usage_snapshots', store.AccountUsageRow],
    ['accounts', store.AccountRow],
    ['account_aliases', store.AccountAliasRow],
    ['account_status_events', store.AccountStatusEventRow],
    ['account_profile_snapshots', store.AccountProfileRow],
    ['account_limits_snapshots', store.AccountLimitsRow],
    ['repos', store.RepoRow],
    ['repo_status_snapshots', store.RepoStatusRow],
    ['repo_commit_stats', store.RepoCommitRow],
    ['github_repos', store.GithubRepoRow],
    ['github_items', store.GithubItemRow],
    ['agent_config_files', store.AgentConfigFileRow],
    ['agent_config', store.AgentConfigRow],
    ['beads_projects', store.BeadsProjectRow],
    ['beads_issues', store.BeadsIssueRow],
    ['beads_dependencies', store.BeadsDependencyRow],
    ['beads_graph_metrics', store.BeadsGraphRow],
    ['beads_triage_snapshots', store.BeadsTriageRow],
    ['alerts', store.AlertRow],
    ['incidents', store.IncidentRow],
    ['incident_notes', store.IncidentNoteRow],
    ['kpi_snapshots', store.KpiRow],
    ['archive_seals', store.ArchiveSealRow],
    ['missions', store.MissionRow],
    ['mission_texts', store.MissionTextRow],
    ['mission_convoys', store.MissionConvoyRow],
    ['worktrees', store.WorktreeRow],
    ['mail_messages', store.MailMessageRow],
    ['mail_recipients', store.MailRecipientRow],
    ['mail_file_reservations', store.MailReservationRow],
    ['dcg_events', store.DcgEventRow],
    ['rano_events', store.RanoEventRow],
    ['net_session_summary', store.NetSessionRow],
    ['process_triage_snapshots', store.TriageSnapshotRow],
    ['process_triage_findings', store.TriageFindingRow],
    ['cass_index_status', store.CassIndexRow],
    ['cass_stats_snapshots', store.CassStatsRow],
    ['rch_status_snapshots', store.RchStatusRow],
    ['rch_workers', store.RchWorkerRow],
    ['rch_running_builds', store.RchRunningBuildRow],
    ['rch_builds', store.RchBuildRow],
    ['rch_incidents', store.RchIncidentRow],
    ['rch_metric_samples', store.RchMetricRow],
    ['afsc_run_facts', store.AfscRunRow],
    ['afsc_event_logs', store.AfscEventRow],
    ['cloud_bench_raw', store.BenchRawRow],
    ['cloud_bench_overall', store.BenchOverallRow],
  ]

  const kindOf = (type: string): string =>
    ({ VARCHAR: 'string', TIMESTAMP: 'string', BOOLEAN: 'boolean' })[type] ?? 'number'

  test.each(TYPED)('of %s name its columns, kinds and nulls (src/store/read/rows)', (name, schema) => {
    const { catalog } = opened()
    const expected = catalog
      .get(name)
      ?.columns.map((column) => `${column.name} ${kindOf(column.type)}${column.nullable ? '?' : ''}`)
    const typed = Object.entries(schema.shape).map(([column, type]) => {
      const nullable = type instanceof z.ZodNullable
      const inner = nullable ? type.unwrap() : type
      return `${column} ${(inner as z.ZodType).def.type}${nullable ? '?' : ''}`
    })
    expect(typed.sort()).toEqual(expected?.sort())
  })
})
