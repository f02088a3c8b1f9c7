import { FIND_WORDS } from '../database-find.ts'
import { sh } from '../sh.ts'

/** Where dcg keeps its history, most explicit place first. "$1" is the path from vc.toml, or empty. */
export const DCG_FIND = `# vc:ask dcg.find
${FIND_WORDS}${sh`
if [ -n "$1" ]; then vcdb "$1"; echo end; exit 0; fi
[ -n "\${DCG_HISTORY_DB:-}" ] && vcdb "$DCG_HISTORY_DB"
c=\${XDG_CONFIG_HOME:-$HOME/.config}/dcg
for f in "$c/config.toml" "$HOME/.config/dcg/config.toml"; do
  [ -f "$f" ] && [ -r "$f" ] || continue
  # only what stands below [history]: other keys are not vc's business
  p=$(sed -n '/^[[:space:]]*\[history\]/,/^[[:space:]]*\[[^h]/s/^[[:space:]]*database_path[[:space:]]*=[[:space:]]*"\([^"]*\)".*/\1/p' "$f" | head -n 1)
  e=$(sed -n '/^[[:space:]]*\[history\]/,/^[[:space:]]*\[[^h]/s/^[[:space:]]*enabled[[:space:]]*=[[:space:]]*\([a-z]*\).*/\1/p' "$f" | head -n 1)
  [ -n "$e" ] && printf 'enabled\t%s\n' "$e"
  case $p in "~/"*) p=$HOME/\${p#"~/"} ;; esac
  case $p in /*) vcdb "$p" ;; esac
  break
done
vcdb "$c/history.db"
vcdb "$HOME/.config/dcg/history.db"
vcdb "$HOME/Library/Application Support/dcg/history.db"
echo end
`}`
