/**
 * Prints `cli<TAB>value<TAB>settings file` for each CLI that has transcripts here; the value is what its settings say, or `-`.
 * Only the one key leaves the machine. A link or a foreign file in place of the settings is left alone.
 */
export const RETENTION_SCRIPT = `# vc:ask retention.settings
c=\${CLAUDE_CONFIG_DIR:-$HOME/.claude}
plain() { [ -f "$1" ] && [ ! -L "$1" ] && [ -r "$1" ]; }
if [ -d "$c/projects" ]; then
  v=
  plain "$c/settings.json" && v=$(sed -n 's/.*"cleanupPeriodDays"[[:space:]]*:[[:space:]]*\\([0-9][0-9]*\\).*/\\1/p' "$c/settings.json" | head -n 1)
  printf 'claude\\t%s\\t%s\\n' "\${v:--}" "$c/settings.json"
fi
g=$HOME/.gemini
if [ -d "$g/tmp" ]; then
  v=
  plain "$g/settings.json" && v=$(tr -d '\\n' <"$g/settings.json" | sed -n 's/.*"sessionRetention"[[:space:]]*:[[:space:]]*{\\([^}]*\\)}.*/\\1/p' | sed -n 's/.*"maxAge"[[:space:]]*:[[:space:]]*"\\([0-9]*[a-z]*\\)".*/\\1/p')
  printf 'gemini\\t%s\\t%s\\n' "\${v:--}" "$g/settings.json"
fi
printf 'end\\n'
`
