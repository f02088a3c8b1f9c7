import { FIND_WORDS } from '../database-find.ts'
import { sh } from '../sh.ts'

/** Databases that rano wrote or writes: those from vc.toml ("$@"), of its configuration, of running observers, and the usual one. */
export const RANO_FIND = `# vc:ask rano.find
${FIND_WORDS}${sh`
for p; do vcdb "$p"; done
[ $# -gt 0 ] && { echo end; exit 0; }
c=\${RANO_CONFIG:-\${XDG_CONFIG_HOME:-$HOME/.config}/rano/config.conf}
if [ -f "$c" ] && [ -r "$c" ]; then
  p=$(sed -n 's/^[[:space:]]*sqlite[[:space:]]*=[[:space:]]*"\{0,1\}\([^"]*\)"\{0,1\}[[:space:]]*$/\1/p' "$c" | head -n 1)
  case $p in "~/"*) p=$HOME/\${p#"~/"} ;; esac
  case $p in /*) vcdb "$p" ;; esac
fi
vcdb "$HOME/observer.sqlite"
for d in /proc/[0-9]*; do
  [ -r "$d/comm" ] && IFS= read -r n <"$d/comm" 2>/dev/null && [ "$n" = rano ] || continue
  p=$(tr '\000' '\n' <"$d/cmdline" 2>/dev/null | sed -n -e '/^--sqlite$/{n;p;}' -e 's/^--sqlite=//p' | head -n 1)
  [ -n "$p" ] || p=observer.sqlite
  case $p in /*) vcdb "$p" ;; *) w=$(readlink "$d/cwd" 2>/dev/null) && vcdb "$w/$p" ;; esac
done
echo end
`}`
