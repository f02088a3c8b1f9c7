import { sh } from '../sh.ts'

/**
 * One useful sample of sysmoni ("$1"). The first sample of the Go program holds no rates, so its stream is read up to the
 * second line and then closed; the older shell program of the same name waits by itself. It has no flag for its version
 * and would start its screen instead, so none is tried.
 */
export const SYSMONI_SAMPLE = sh`# vc:ask sysmoni.sample
command -v "$1" >/dev/null 2>&1 || { printf 'missing\nend\n'; exit 0; }
export SRPS_SYSMONI_INTERVAL=1s
t=$(readlink -f "$1" 2>/dev/null) || t=$1
case $t in
*-go) k=stream
  o=$("$1" --json-stream --interval 1s </dev/null 2>/dev/null | head -c 262144 | {
    IFS= read -r a; IFS= read -r b; [ -n "$b" ] || IFS= read -r b; printf '%s' "$b"; }) ;;
*) k=oneshot
  o=$("$1" --json </dev/null 2>/dev/null | head -c 262144) ;;
esac
printf 'kind\t%s\n' "$k"
IFS= read -r b </proc/sys/kernel/random/boot_id && IFS=' ' read -r u r </proc/uptime && printf 'boot\t%s\t%s\n' "$b" "$u"
printf '%s\n' "$o" | tr ',{' '\n\n' | sed -n 's/^ *"[Pp][Ii][Dd]": *\([0-9]\{1,9\}\)$/\1/p' | head -n 200 | while read -r p; do
  [ -r "/proc/$p/stat" ] && IFS= read -r s <"/proc/$p/stat" && printf 'proc\t%s\n' "$s"
done
printf 'data\n%s\nend\n' "$o"
`
