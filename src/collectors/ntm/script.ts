import { sh } from '../sh.ts'

/**
 * `ntm list --json` in a home of its own that is thrown away: every run of ntm writes an audit file and cleans up old temporary
 * files, and every `--robot-…` also opens, migrates and writes its state database and adds events to its feed. Its database is
 * read by vc itself. "$1": path of ntm, or empty.
 */
export const NTM_BODY = sh`
begin
find_tool "$1" ntm || { finish; return 0; }
PATH=$PATH:/usr/local/bin:/opt/homebrew/bin:/home/linuxbrew/.linuxbrew/bin
d=\${XDG_CONFIG_HOME:-$HOME/.config}/ntm
case \${NTM_CONFIG:-} in /*) d=\${NTM_CONFIG%/*} ;; esac
part state 2 printf '%s\n' "$d/state.db"
T=$(mktemp -d "\${TMPDIR:-/tmp}/vc-ntm.XXXXXX") || { finish; return 0; }
trap 'rm -rf "$T"' EXIT
trap 'exit 143' HUP INT TERM
mkdir -p "$T/ntm" && printf '[cleanup]\nauto_clean_on_startup = false\n' >"$T/ntm/config.toml"
cd "$T" || { finish; return 0; }
unset NTM_CONFIG TMUX TMUX_PANE
export HOME="$T" XDG_CONFIG_HOME="$T" XDG_DATA_HOME="$T" XDG_STATE_HOME="$T" XDG_CACHE_HOME="$T" NTM_ROBOT_FORMAT=json
part list 10 "$tool" list --json
finish
`
