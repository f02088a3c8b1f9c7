import type { TableSpec } from './spec.ts'

/** What the agent CLIs of a machine are set to. */
export const SETTINGS_TABLES = [
  {
    name: 'agent_config_files',
    mode: 'state',
    key: ['source_file'],
    time: 'collected_at',
    latest: 'latest_agent_config_files',
    retentionDays: null,
    text: ['detail'],
  },
  {
    name: 'agent_config',
    mode: 'state',
    key: ['source_file', 'project_path', 'kind', 'name'],
    time: 'collected_at',
    latest: 'latest_agent_config',
    retentionDays: null,
    text: ['name', 'value', 'command', 'url_host', 'env_names', 'header_names'],
  },
] as const satisfies readonly TableSpec[]
