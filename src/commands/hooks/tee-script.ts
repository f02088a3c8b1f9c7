/** Changes with the script's text, so that an older copy is recognised. */
export const TEE_VERSION = 1

/** Name of the script in vc's hooks folder; entries in foreign settings are recognised by it. */
export const TEE_NAME = 'vc-tee'

/**
 * The tee that CLIs call. It keeps names, times and percentages of what they say and drops the rest here, before anything is
 * written: prompts, answers, commands and paths never reach the file. Whatever goes wrong, it ends with what the CLI would
 * have got without it. `claude-statusline [command]` · `claude-hook` · `gemini-hook` · `codex-notify [program args…] json`
 */
export const TEE_SCRIPT = String.raw`#!/bin/sh
# vc-tee ${TEE_VERSION}: notes what agent CLIs say for vc; "vc hooks remove" takes it out again
umask 077
dir=${'$'}{0%/*}/events
kind=${'$'}1
[ $# -gt 0 ] && shift
note() {
  [ -d "$dir" ] && [ -w "$dir" ] || return 0
  ts=$(date -u +%Y-%m-%dT%H:%M:%SZ) || return 0
  body=$(printf '%s\n' "$1" | LC_ALL=C awk -v kind="$kind" '
    { all = all $0 " " }
    function word(key,  at, s) {
      if (!match(all, "\"" key "\"[ \t]*:[ \t]*\"[A-Za-z0-9._:@+-]+\"")) return ""
      s = substr(all, RSTART, RLENGTH); sub(/^"[^"]*"[ \t]*:[ \t]*"/, "", s); sub(/"$/, "", s)
      return substr(s, 1, 100)
    }
    function put(name, key,  s) { s = word(key); if (s != "") out = out ",\"" name "\":\"" s "\"" }
    END {
      if (length(all) > 1000000) exit
      split(kind, part, "-")
      out = "\"v\":1,\"cli\":\"" part[1] "\",\"from\":\"" part[2] "\""
      put("session_id", part[1] == "codex" ? "thread-id" : "session_id")
      put("event", part[1] == "codex" ? "type" : "hook_event_name")
      if (part[2] == "hook") {
        put("kind", "notification_type"); put("error", "error"); put("source", "source"); put("reason", "reason")
        put("tool", "tool_name"); put("agent_type", "agent_type"); put("mode", "permission_mode")
      }
      if (part[2] == "statusline") {
        put("version", "version"); put("model", "id")
        if (match(all, /"context_window_size"[ \t]*:[ \t]*[0-9]+/)) {
          s = substr(all, RSTART, RLENGTH); sub(/.*:[ \t]*/, "", s); out = out ",\"context_window_tokens\":" s
        }
        if (match(all, /"rate_limits"[ \t]*:[ \t]*\{[^{}]*(\{[^{}]*\}[^{}]*)*\}/)) {
          s = substr(all, RSTART, RLENGTH); gsub(/[ \t]+/, "", s)
          if (s ~ /^[-a-z0-9_":{},.+E]*$/ && length(s) < 2000) out = out "," s
        }
      }
      printf "%s", out
    }' 2>/dev/null) || return 0
  [ -n "$body" ] || return 0
  if [ "$kind" = claude-statusline ]; then
    sid=${'$'}{body#*'"session_id":"'}; sid=${'$'}{sid%%'"'*}
    case $sid in ''|*[!A-Za-z0-9-]*) return 0 ;; esac
    last=
    IFS= read -r last 2>/dev/null <"$dir/last-$sid" || :
    [ "$last" = "$body" ] && return 0
    printf '%s\n' "$body" >"$dir/last-$sid"
  fi
  printf '{"ts":"%s",%s}\n' "$ts" "$body" >>"$dir/${'$'}{ts%%T*}.jsonl"
}
case $kind in
claude-statusline)
  in=$(cat)
  if [ -n "${'$'}{1:-}" ]; then
    printf '%s\n' "$in" | /bin/sh -c "$1"
    rc=$?
  else rc=0; fi
  note "$in" >/dev/null 2>&1
  exit $rc ;;
claude-hook|gemini-hook)
  note "$(head -c 1000000)" >/dev/null 2>&1
  exit 0 ;;
codex-notify)
  for last; do :; done
  note "${'$'}{last:-}" >/dev/null 2>&1
  [ $# -gt 1 ] && exec "$@"
  exit 0 ;;
esac
exit 0
`
