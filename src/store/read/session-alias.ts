/**
 * The alias that the agent of a row `u` of the ledger goes by. What a sub-agent used belongs to the agent whose session
 * started it: it has no process, so no agent, of its own.
 */
export const ALIAS_OF_USE = `'session:' || u.cli || ':' ||
  CASE WHEN u.is_sidechain THEN coalesce(u.parent_session_id, u.session_id) ELSE u.session_id END`
