import { sh } from '../sh.ts'

/**
 * One look of process triage that takes no lock and writes no session: only \`agent watch --once\` is ever run. "$1" is
 * the tool. Behind its lines come its exit status and, of each process it names, the line of /proc that says which
 * process that pid is now.
 */
export const PT_WATCH = sh`# vc:ask pt.watch
command -v "$1" >/dev/null 2>&1 || { printf '\nrc\t127\nend\n'; exit 0; }
o=$({ "$1" agent watch --once --format jsonl --threshold medium </dev/null; printf '\nrc\t%s\n' "$?"; } | head -c 262144)
printf '%s\n' "$o"
printf '%s\n' "$o" | sed -n 's/.*"pid":\([0-9]\{1,9\}\)[,}].*/\1/p' | head -n 200 | while read -r p; do
  [ -r "/proc/$p/stat" ] && IFS= read -r s <"/proc/$p/stat" && printf 'proc\t%s\n' "$s"
done
echo end
`
