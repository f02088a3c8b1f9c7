import { sh } from '../sh.ts'
import { MASK_AWK } from './mask-awk.ts'

const SHOW = sh`
# one CLI LEVEL PROJECT MODE FILE: a file that is not there is not mentioned
one() {
  [ -e "$5" ] || [ -L "$5" ] || return 0
  w=ok z= m=
  if [ -L "$5" ]; then w=linked
  elif [ ! -f "$5" ]; then w=foreign
  elif [ ! -r "$5" ]; then w=denied
  else
    z=$(wc -c <"$5" | tr -d ' ')
    m=$(stat -c %Y "$5" 2>/dev/null) || m=$(stat -f %m "$5" 2>/dev/null)
    cap=524288; [ "$4" = only ] && cap=16777216
    [ "$z" -le $cap ] || w=too_large
  fi
  printf '\036%s F' "$N"
  for x in "$1" "$2" "$3" "$5" "$4" "$w" "$z" "$m"; do printf '\037%s%s' "$N" "$x"; done
  [ $w = ok ] || return 0
  case $4 in
    toml) $T awk -v N="$N" -v mode=toml -v only=0 "$MASK" <"$5" ;;
    only) $T awk -v N="$N" -v mode=json -v only=1 "$MASK" <"$5" ;;
    *) $T awk -v N="$N" -v mode=json -v only=0 "$MASK" <"$5" ;;
  esac || printf '\037%s\037%s!' "$N" "$N"
}
vcsettings() {
export LC_ALL=C
T=; command -v timeout >/dev/null 2>&1 && T='timeout 10'
printf 'vc-settings 1 %s\n' "$N"
command -v awk >/dev/null 2>&1 || { printf '\036%s noawk' "$N"; return 0; }
x=\${XDG_CONFIG_HOME:-$HOME/.config} c=\${CLAUDE_CONFIG_DIR:-$HOME/.claude} k=\${CODEX_HOME:-$HOME/.codex}
for f in managed-settings.json managed-mcp.json; do
  one claude default '' json "/etc/claude-code/$f"
  one claude default '' json "/Library/Application Support/ClaudeCode/$f"
done
for f in config.toml managed_config.toml requirements.toml; do one codex default '' toml "/etc/codex/$f"; done
for f in system-defaults.json settings.json; do
  one gemini default '' json "/etc/gemini-cli/$f"
  one gemini default '' json "/Library/Application Support/GeminiCli/$f"
done
for f in opencode.json opencode.jsonc; do one opencode default '' json "/etc/opencode/$f"; done
one claude global '' json "$c/settings.json"
one claude global '' json "$c/settings.local.json"
if [ -n "$CLAUDE_CONFIG_DIR" ]; then one claude global '' only "$CLAUDE_CONFIG_DIR/.claude.json"; else one claude global '' only "$HOME/.claude.json"; fi
one codex global '' toml "$k/config.toml"
one gemini global '' json "$HOME/.gemini/settings.json"
for f in config.json opencode.json opencode.jsonc; do one opencode global '' json "$x/opencode/$f"; done
for p in "$@"; do
  [ "$p" = "$HOME" ] && continue
  one claude project "$p" json "$p/.claude/settings.json"
  one claude local "$p" json "$p/.claude/settings.local.json"
  one claude project "$p" json "$p/.mcp.json"
  one codex project "$p" toml "$p/.codex/config.toml"
  one gemini project "$p" json "$p/.gemini/settings.json"
  for f in opencode.json opencode.jsonc .opencode/opencode.json .opencode/opencode.jsonc; do one opencode project "$p" json "$p/$f"; done
done
printf '\036%s end' "$N"
}
vcsettings "$@" </dev/null 2>/dev/null
`

/** vc prepends the nonce; arguments are the folders of projects. Needs nothing but awk. */
export const settingsScript = (nonce: string): string =>
  `# vc:ask agent_config.files\nN=${nonce}\nMASK='${MASK_AWK}'\n${SHOW}`
