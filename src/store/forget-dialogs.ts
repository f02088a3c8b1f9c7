import type { Engine } from './engine.ts'
import { time } from './sql.ts'

const DIALOG_TEXT_MS = 24 * 3_600_000

/** Blanks the text of dialogs last seen more than 24 h before `now`; their rows stay. Returns how many. */
export const forgetDialogs = async (engine: Engine, now: Date): Promise<number> => {
  const result = await engine.writer.run(
    `UPDATE pending_dialogs SET title = NULL, body_redacted = NULL, options_json = NULL
     WHERE last_seen_at < ${time(now.getTime() - DIALOG_TEXT_MS)}
       AND (title IS NOT NULL OR body_redacted IS NOT NULL OR options_json IS NOT NULL)`,
  )
  return result.rowsChanged
}
