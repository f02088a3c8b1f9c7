import * as z from 'zod'
import { envelope, flag, maybe, number, text, time } from './columns.ts'

export const AgentConfigFileRow = z.object({
  ...envelope,
  scope: text,
  source_file: text,
  cli: text,
  level: text,
  project_path: maybe(text),
  state: text,
  detail: maybe(text),
  bytes: maybe(number),
  modified_at: maybe(time),
  entries: maybe(number),
  gone: flag,
})
export type AgentConfigFileRow = z.infer<typeof AgentConfigFileRow>

export const AgentConfigRow = z.object({
  ...envelope,
  scope: text,
  source_file: text,
  cli: text,
  level: text,
  project_path: text,
  kind: text,
  name: text,
  value: maybe(text),
  value_hash: maybe(text),
  value_length: maybe(number),
  items: maybe(number),
  enabled: maybe(flag),
  transport: maybe(text),
  command: maybe(text),
  url_host: maybe(text),
  env_names: maybe(text),
  header_names: maybe(text),
  gone: flag,
})
export type AgentConfigRow = z.infer<typeof AgentConfigRow>
