import { FIND_WORDS } from '../database-find.ts'
import { sh } from '../sh.ts'

/**
 * Where Agent Mail keeps its database. "$1" is 1 when the home may be searched, the rest are paths from vc.toml or from
 * an earlier search. The Rust server keeps it in the mailbox, the Python one where it was started: usually its clone.
 */
export const MAIL_FIND = `# vc:ask agent_mail.find
${FIND_WORDS}${sh`
search=$1; shift
for p; do vcdb "$p"; done
[ -n "\${STORAGE_ROOT:-}" ] && vcdb "$STORAGE_ROOT/storage.sqlite3"
if [ -n "\${HOME:-}" ] && [ "$HOME" != / ]; then
  vcdb "$HOME/.mcp_agent_mail_git_mailbox_repo/storage.sqlite3"
  vcdb "$HOME/mcp_agent_mail/storage.sqlite3"
  if [ "$search" = 1 ]; then
    find "$HOME" -maxdepth 3 -name storage.sqlite3 -type f 2>/dev/null | head -n 8 | while IFS= read -r p; do vcdb "$p"; done
  fi
fi
echo end
`}`
