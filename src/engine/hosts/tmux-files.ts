import { sh } from '../../core/sh.ts'

/**
 * vc's own configuration. Not here: `window-size manual`, set on each window instead (tmux 3.3a ends at `new-session` when it is
 * global). No line about a death: tmux would push the last screen up for it.
 */
export const TMUX_CONF = `set -s exit-empty off
set -s escape-time 0
set -s set-clipboard off
set -g history-limit 5000
set -g default-size 120x30
set -g default-terminal tmux-256color
set -g status off
set -g bell-action none
set -g visual-activity off
set -g monitor-activity off
set -g destroy-unattached off
set -g detach-on-destroy on
set -g update-environment ''
set -gw remain-on-exit on
set -gqw remain-on-exit-format ''
set -gw allow-rename off
set -gw automatic-rename off
set -gw allow-passthrough off
if-shell 'command -v infocmp >/dev/null && ! infocmp tmux-256color >/dev/null 2>&1' 'set -g default-terminal screen-256color'`

/** Keeps what a terminal shows: appends as it comes, and begins a new file past "$2" bytes; "$3" files in all. */
export const KEEP_LOG = sh`umask 077
f=$1 max=$2 files=$3 was=$(wc -c <"$f" 2>/dev/null || echo 0)
while :; do
  dd bs=65536 count=16 >>"$f" 2>/dev/null || exit 1
  now=$(wc -c <"$f") || exit 1
  [ "$now" -eq "$was" ] && exit 0
  was=$now
  [ "$now" -lt "$max" ] && continue
  i=$((files - 1))
  while [ "$i" -gt 1 ]; do [ -f "$f.$((i - 1))" ] && mv -f "$f.$((i - 1))" "$f.$i"; i=$((i - 1)); done
  if [ "$files" -gt 1 ]; then mv -f "$f" "$f.1"; else : >"$f"; fi
  : >>"$f"; was=0
done`
