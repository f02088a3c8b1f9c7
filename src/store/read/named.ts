import type { Db } from '../db.ts'

// One column, `name`, of all that ever bore such a name: whoever left the fleet, too. Every one of these tables is small or has
// few columns to read. Agents, of which there are too many, are asked for by name: `agentsCalled`.
const EVER = {
  tag: `SELECT unnest(from_json(tags_json, '["VARCHAR"]')) AS name FROM machines`,
  rule: `SELECT rule AS name FROM alerts`,
  role: `SELECT role AS name FROM managed_agents UNION ALL SELECT label FROM managed_agents
         UNION ALL SELECT to_role FROM missions`,
  account_provider: `SELECT provider AS name FROM accounts UNION ALL SELECT provider FROM latest_account_usage
                     UNION ALL SELECT provider FROM latest_account_limits_snapshots UNION ALL SELECT provider FROM agent_usage`,
  network_provider: `SELECT provider AS name FROM rano_events UNION ALL SELECT provider FROM latest_net_session_summary`,
  issue_project: `SELECT unnest([repo_id, git_repo_id, name, rig, project]) AS name FROM latest_beads_projects`,
  issue_status: `SELECT status AS name FROM latest_beads_issues`,
  mail_project: `SELECT project_id AS name FROM mail_messages UNION ALL SELECT project_id FROM latest_mail_file_reservations`,
  work_project: `SELECT project AS name FROM agent_usage UNION ALL SELECT project FROM latest_agent_profiles`,
  convoy: `SELECT convoy_id AS name FROM mission_convoys`,
  mission_type: `SELECT mission_type AS name FROM missions`,
  mission_agent: `SELECT to_agent AS name FROM missions UNION SELECT claimed_by FROM missions EXCEPT SELECT agent_id FROM agents`,
} as const

/** What a name may be the name of. */
export type NamedKind = keyof typeof EVER

/** Every name of a kind that vc ever met, sorted. */
export const namesEverMet = async (db: Db, kind: NamedKind): Promise<string[]> => {
  const rows = await db.rows<{ readonly name: string }>(
    `SELECT DISTINCT name FROM (${EVER[kind]}) WHERE name IS NOT NULL ORDER BY name`,
  )
  return rows.map(({ name }) => name)
}
