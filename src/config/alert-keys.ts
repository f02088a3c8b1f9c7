import * as z from 'zod'
import { unset } from './collector-keys.ts'

const key = <T extends z.ZodType>(type: T, value: z.output<T>, about: string) =>
  type.default(value as never).describe(about)
const whole = (min: number, max: number) => z.int().min(min).max(max)
const text = z.string().min(1).max(500)
const words = z.array(text)
const severity = z.enum(['critical', 'warning', 'info'])
const usd = z.number().min(0).max(1_000_000)

export const CHANNEL_KINDS = [
  'webhook',
  'slack',
  'discord',
  'ntfy',
  'desktop',
  'command',
  'jsonl',
  'agent_mail',
] as const

const channel = z
  .strictObject({
    name: text.max(64).describe('Name of the channel, as deliveries are listed under'),
    kind: z.enum(CHANNEL_KINDS).describe('How it is told'),
    enabled: key(z.boolean(), true, 'Whether anything is sent there'),
    url: unset(
      text,
      'Address of a webhook, of an ntfy topic, or of Agent Mail (unset: http://127.0.0.1:8765/mcp/); nothing of an alert ever becomes part of it',
    ),
    url_env: unset(text.max(64), 'Environment variable of the daemon that holds the address, where it is a secret'),
    token_env: unset(text.max(64), 'Environment variable of the daemon that holds a bearer token'),
    command: key(words, [], 'Program and arguments of a `command`; the alert comes as JSON on its standard input'),
    path: unset(text, 'File of a `jsonl` channel; unset: `alerts.jsonl` in the data folder'),
    project: unset(text, 'Project of an `agent_mail` channel: the key (absolute path) it was registered under'),
    sender: unset(text.max(64), 'Agent of that project in whose name an `agent_mail` channel sends'),
    to: key(words, [], 'Agents of that project an `agent_mail` channel sends to'),
    min_severity: key(severity, 'warning', 'Least severity that is sent there'),
    rules: key(words, [], 'Only these rules; empty: all'),
    machines: key(words, [], 'Only these machines; empty: all, and what belongs to none'),
    tags: key(words, [], 'Only machines with one of these tags; empty: all'),
    resolved: key(z.boolean(), true, 'Whether the end of an alert is sent, too'),
    only_escalated: key(z.boolean(), false, 'Only what nobody acknowledged within alerts.escalate_minutes'),
    quiet_hours: unset(text.max(11), 'Local time in which only critical alerts are sent at once; the rest waits'),
  })
  .describe('One block per channel that is told of alerts; `alerts.jsonl` is always written.')

export const alertKeys = z
  .strictObject({
    enabled: key(z.boolean(), true, 'Whether anything is sent; alerts are judged and shown all the same'),
    disabled_rules: key(words, [], 'Rules that are not judged; their names: vc alert rules'),
    unanswered_minutes: key(whole(1, 1440), 5, 'Minutes an agent may wait for a person before it is an alert'),
    escalate_minutes: unset(
      whole(1, 10_080),
      'Minutes after which a firing alert that nobody acknowledged is sent again; unset: never',
    ),
    quiet_hours: unset(
      text.max(11),
      'Local time, `22:00-07:00`, in which only critical alerts are sent at once; the rest waits',
    ),
    daily_budget_usd: unset(usd, 'US dollars that agents may use per day (UTC); alerts at 80 and 100 %'),
    monthly_budget_usd: unset(usd, 'US dollars that agents may use per calendar month (UTC); alerts at 80 and 100 %'),
    self_cpu_pct: key(whole(1, 1000), 25, 'Share of one core that vc itself may use over ten minutes'),
    self_rss_mb: key(whole(64, 65_536), 1024, 'Memory that vc itself may hold'),
    channels: key(
      z.array(channel),
      [],
      'One block per channel that is told of alerts; `alerts.jsonl` is always written.',
    ),
  })
  .prefault({} as never)
  .describe('What becomes of alerts: who is told, when, and what they may cost.')

export const ruleKeys = z
  .strictObject({
    id: text.max(64).describe('Name of the rule; its alerts are listed as `user:<id>`'),
    query: unset(
      text.max(64),
      'Named query whose rows are looked at, e.g. machines, agents, accounts: vc robot-docs topics',
    ),
    sql: unset(
      z.string().min(1).max(10_000),
      'Instead of the query: one SELECT over what is now (latest and current tables, rollups of the last hour), run in a guarded child',
    ),
    params: key(z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])), {}, 'Parameters of the query'),
    rows: unset(text.max(64), 'List of the answer to look at; unset: its only list'),
    when: text.max(500).describe('Condition over the columns of a row, e.g. `load5 > cores * 1.5`'),
    absent: key(z.boolean(), false, 'Turns it round: an alert when no row matches'),
    machine: unset(text.max(64), 'Column that names the machine; unset: machine or machine_id'),
    subject: unset(text.max(64), 'Column that tells the rows of a machine apart; unset: id, agent, account, name, …'),
    title: unset(text, 'Words of the alert; `{column}` is replaced by the value of the row'),
    severity: key(severity, 'warning', 'How bad it is'),
    hold_seconds: key(whole(0, 86_400), 0, 'Seconds it must stand before it fires'),
    clear_seconds: key(whole(0, 86_400), 60, 'Seconds it must be gone before it is resolved'),
    enabled: key(z.boolean(), true, 'Whether it is judged'),
  })
  .describe('Your own alert rules: a named query, or SQL over what is now, and a condition over its rows.')
