import { sh } from '../sh.ts'

/**
 * The fallback probe, format 1: everything about a machine in one plain POSIX sh text, no install, nothing written, nothing
 * found under $HOME executed. vc prepends `N` (nonce), `LANE`, `TOOLS` and `AG`; parse.ts names the rules of the output.
 * The body is one function called on the last line, so that a cut-off transfer runs nothing.
 */
export const PROBE_SCRIPT = sh`vcprobe() {
umask 077
LC_ALL=C; export LC_ALL
N=\${N:-0} LANE=\${LANE:-fast} OP=$PATH
PATH=/usr/bin:/bin:/usr/sbin:/sbin; export PATH
# a NixOS-like host keeps nothing in those four: then use the login PATH as it is
command -v awk >/dev/null 2>&1 || PATH=$PATH:$OP
TOOLS=\${TOOLS-claude codex gemini opencode aider amp cursor-agent goose crush droid copilot qwen ntm gt bd br bv am cass caut caam ccusage ru rch rchd pt pt-core dcg sysmoni rano automated_flywheel_setup_checker cloud_benchmarker tmux git gh jq sqlite3 duckdb curl node bun python3 cargo rustc go docker nvidia-smi systemctl vc}
AG=\${AG:-'claude|codex|gemini|opencode|aider|amp|cursor-agent|goose|crush|droid|copilot|qwen'}
s() { printf '@@%s %s\n' "$N" "$*"; }

# encode one value: printable ASCII but % and tab stays; anything else becomes %XX bytes
enc() {
  case $1 in
    '') E=- ;;
    *[!\ -~]*|*%*) E=$(printf %s "$1" | od -An -v -tx1 | tr -d '\n' | tr ' ' '%') ;;
    *) E=$1 ;;
  esac
}

OS=$(uname -s) ; KR=$(uname -r) ; MA=$(uname -m) ; T0=$(date +%s)
s "begin 1 $OS"
enc "$KR"; printf 'kernel\t%s\nmachine\t%s\nepoch\t%s\nself\t%s\nlane\t%s\n' "$E" "$MA" "$T0" "$$" "$LANE"

if [ "$LANE" = fast ]; then case $OS in
Linux)
  [ -r /etc/os-release ] && while IFS='=' read -r k v; do
    v=\${v#[\"\']}; v=\${v%[\"\']}
    case $k in ID) enc "$v"; printf 'os_id\t%s\n' "$E" ;; VERSION_ID) enc "$v"; printf 'os_version\t%s\n' "$E" ;; esac
  done </etc/os-release
  [ -e /var/run/reboot-required ] && printf 'reboot_required\t1\n'
  HZ=$(getconf CLK_TCK 2>/dev/null) ; PG=$(getconf PAGESIZE 2>/dev/null)
  AP=
  for f in $(grep -lszE "(^|/)($AG)(-cli|-code)?([.](js|mjs|cjs|py|exe))?\$|/(claude-code|codex|gemini-cli|opencode-ai|qwen-code)/.*[.](js|mjs|cjs)\$" /proc/[0-9]*/cmdline 2>/dev/null); do
    f=\${f#/proc/} ; AP="$AP \${f%/cmdline}"
  done
  # everything that is a plain /proc or /sys file: one awk, one fork
  awk -v N="$N" -v HZ="\${HZ:-100}" -v PG="\${PG:-4096}" -v HZS="\${HZ:+getconf}" -v AP="$AP" -v SELF="$$" '
  function esc(x,  i,c,o) {
    if (x == "") return "-"
    if (x !~ /[^ -~]|%/) return x
    o = ""
    for (i = 1; i <= length(x); i++) { c = substr(x,i,1); o = o ((c in H) ? H[c] : c) }
    return o
  }
  function sec(n) { printf "@@%s %s\n", N, n }
  function one(f,  l) { l = ""; if ((getline l < f) > 0) gsub(/\t/, " ", l); close(f); return l }
  function kv(k, v) { if (v != "") printf "%s\t%s\n", k, esc(v) }
  function all(f, p,  l) { while ((getline l < f) > 0) printf "%s%s\n", p, esc(l); close(f) }
  BEGIN {
    for (i = 1; i < 256; i++) if (i < 32 || i > 126 || i == 37) H[sprintf("%c", i)] = sprintf("%%%02X", i)
    up = one("/proc/uptime"); split(up, u, " ")
    sec("sys")
    kv("hostname", one("/proc/sys/kernel/hostname")); kv("boot_id", one("/proc/sys/kernel/random/boot_id"))
    kv("uptime_s", u[1]); kv("clk_tck", HZ); kv("pagesize", PG); kv("clk_tck_source", HZS == "" ? "assumed" : HZS)
    kv("loadavg", one("/proc/loadavg")); kv("file_nr", one("/proc/sys/fs/file-nr")); kv("pid_max", one("/proc/sys/kernel/pid_max"))
    kv("inotify_max_user_watches", one("/proc/sys/fs/inotify/max_user_watches"))
    kv("inotify_max_user_instances", one("/proc/sys/fs/inotify/max_user_instances"))
    kv("inotify_max_queued_events", one("/proc/sys/fs/inotify/max_queued_events"))
    sec("cpu"); n = 0
    while ((getline l < "/proc/stat") > 0) {
      if (l ~ /^cpu /) print l; else if (l ~ /^cpu[0-9]/) n++
      else if (l ~ /^(btime|ctxt|processes|procs_running|procs_blocked) /) print l
    }
    close("/proc/stat"); print "cores " n
    sec("mem")
    while ((getline l < "/proc/meminfo") > 0)
      if (l ~ /^(MemTotal|MemFree|MemAvailable|Buffers|Cached|SReclaimable|Shmem|SwapTotal|SwapFree|Dirty|CommitLimit|Committed_AS):/) print l
    close("/proc/meminfo")
    while ((getline l < "/proc/vmstat") > 0) if (l ~ /^(oom_kill|pswpin|pswpout|pgmajfault) /) print l
    close("/proc/vmstat")
    m = one("/sys/fs/cgroup/memory.max"); if (m != "") { print "cgroup_memory_max " m; print "cgroup_memory_current " one("/sys/fs/cgroup/memory.current"); print "cgroup_cpu_max " one("/sys/fs/cgroup/cpu.max") }
    sec("psi"); all("/proc/pressure/cpu", "cpu "); all("/proc/pressure/memory", "memory "); all("/proc/pressure/io", "io ")
    sec("disk")
    while ((getline l < "/proc/diskstats") > 0) {
      split(l, d, " ")
      if (d[3] ~ /^(loop|ram|sr|fd)[0-9]/ || d[4] + d[8] == 0) continue
      if (one("/sys/block/" d[3] "/size") == "") continue
      printf "%s\t%s\t%s\t%s\t%s\t%s\n", d[3], d[4], d[6], d[8], d[10], d[13]
    }
    close("/proc/diskstats")
    sec("net")
    while ((getline l < "/proc/net/dev") > 0) {
      if (l !~ /:/) continue
      k = index(l, ":"); nm = substr(l, 1, k - 1); gsub(/ /, "", nm); split(substr(l, k + 1), d, " ")
      if (nm == "lo" || nm ~ /^veth/) continue
      ph = (one("/sys/class/net/" nm "/device/uevent") != "") ? 1 : 0
      printf "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", esc(nm), ph, d[1], d[9], d[3], d[11], d[4], d[12]
    }
    close("/proc/net/dev")
    sec("temp")
    for (i = 0; i < 32; i++) {
      z = "/sys/class/thermal/thermal_zone" i; t = one(z "/temp")
      if (t == "") { if (i > 8) break; continue }
      printf "%s\t%s\n", esc(one(z "/type")), t
    }
    for (i = 0; i < 16; i++) {
      z = "/sys/class/hwmon/hwmon" i; t = one(z "/name")
      if (t ~ /^(coretemp|k10temp|zenpower|cpu_thermal)$/ && (v = one(z "/temp1_input")) != "") printf "%s\t%s\n", esc(t), v
    }
    sec("gpusys")
    for (i = 0; i < 8; i++) {
      z = "/sys/class/drm/card" i "/device/"; t = one(z "gpu_busy_percent")
      if (t != "") printf "amd%d\t%s\t%s\t%s\n", i, t, one(z "mem_info_vram_used"), one(z "mem_info_vram_total")
    }
    if (one("/proc/driver/nvidia/version") != "") print "nvidia\tpresent"
    # processes: every stat file read on its own, so a hostile comm cannot forge a row
    k = split(AP, x, " "); for (i = 1; i <= k; i++) A[x[i]] = 1
    kt = 0; ktc = 0; n = 0
    for (a = 1; a < ARGC; a++) {
      f = ARGV[a]; t = ""; while ((getline l < f) > 0) t = (t == "") ? l : t "\n" l; close(f)
      if (t == "") continue
      o = index(t, "("); c = 0; r = t
      while ((i = index(r, ")")) > 0) { c += i; r = substr(r, i + 1) }
      if (o == 0 || c <= o) continue
      pid = substr(f, 7); sub(/\/.*/, "", pid)
      split(substr(t, c + 2), g, " ")
      ST[g[1]]++; th += g[18]; tk = g[12] + g[13]
      if (g[21] == 0 && g[1] != "Z") { ktc++; kt += tk; continue }
      if (pid == SELF || g[2] == SELF) continue
      n++; P[n] = pid; TK[n] = tk; RS_[n] = g[22] * PG / 1024; Z[n] = (g[1] == "Z" || g[1] == "D") ? 1 : 0
      PP[pid] = g[2]
      R[n] = pid "\t" g[2] "\t" g[1] "\t" g[5] "\t" g[20] "\t" tk "\t" int(RS_[n]) "\t" g[18] "\t" esc(substr(t, o + 1, c - o - 1))
    }
    # parents of agents travel too, else a small shell between two of them would break the chain
    for (i in A) for (p = PP[i]; p != "" && p > 1 && !(p in A) && !(p in W); p = PP[p]) W[p] = 1
    tt = HZ; rr = 16384
    do { k = 0; for (i = 1; i <= n; i++) if (TK[i] >= tt || RS_[i] >= rr || Z[i] || (P[i] in A) || (P[i] in W)) k++
         if (k > 250) { tt *= 3; rr *= 3 } } while (k > 250 && tt < 1e12)
    sec("proc"); l = ""; for (i in ST) l = l " " i "=" ST[i]
    printf "#\tuser=%d\tkernel=%d\tkernel_ticks=%d\tthreads=%d\tmin_ticks=%d\tmin_rss_kb=%d\tshown=%d\tstates=%s\n", n, ktc, kt, th, tt, rr, k, substr(l, 2)
    j = 0
    for (i = 1; i <= n && j < 500; i++) if (TK[i] >= tt || RS_[i] >= rr || Z[i] || (P[i] in A) || (P[i] in W)) { print R[i]; j++ }
    print "end_uptime\t" one("/proc/uptime")
  }' /proc/[0-9]*/stat </dev/null
  # agents: the first four arguments are read, NUL-separated; prompts and values stay on the machine
  s agent
  set -- $AP
  if [ $# -gt 0 ]; then
    F= ; i=0
    for p do i=$((i+1)); [ $i -gt 400 ] && break; F="$F /proc/$p/cmdline"; done
    AL=$(grep -sHnz -m 4 '' $F /dev/null | tr '\n\0' '\001\n' | awk -v AG="^($AG)(-cli|-code)?([.](js|mjs|cjs|py|exe))?\$" '
      function esc(x,  i,c,o) { o = ""; for (i = 1; i <= length(x); i++) { c = substr(x,i,1); o = o ((c in H) ? H[c] : c) } return o == "" ? "-" : o }
      function base(x) { sub(/.*\//, "", x); return x }
      function flush(  k,i,how,sc,fl) {
        if (pid == "") return
        k = base(a[1]); how = ""; sc = "-"; fl = ""
        sub(/ .*/, "", k)
        if (k ~ AG) how = "exe"
        else if (k ~ /^(node|nodejs|bun|deno|python[0-9.]*|pypy3?|uv|npx|npm|sh|bash|zsh)$/)
          # it runs its first word that is no option; later words belong to that script, whatever they name
          for (i = 2; i <= 4; i++) {
            if (k ~ /sh$/ ? a[i] ~ /^-[a-z]*c/ : a[i] ~ /^(-[cep]|-pe|--eval|--print|--call)$/) break
            if (k !~ /sh$/ && a[i] ~ /^(-[rCWX]|--require|--import|--loader|--env-file)$/) { i++; continue }
            if (a[i] ~ /^-/ || (k " " a[i]) ~ /^(uv|npx|npm|bun|deno) (exec|x|tool)$|^(uv|bun|deno) run$/) continue
            if (base(a[i]) ~ AG || a[i] ~ /\/(claude-code|codex|gemini-cli|opencode-ai|qwen-code)\/.*[.](js|mjs|cjs)$/) { how = "script"; sc = a[i]; k = base(sc) }
            break
          }
        if (how != "") {
          for (i = 2; i <= 4; i++) if (a[i] ~ /^--?[a-z][a-z-]*(=|$)/) { c = a[i]; sub(/=.*/, "", c); fl = fl (fl == "" ? "" : ",") c }
          # only words of this list travel, and only whole ones: they tell a server from a session
          sb = "-"; for (i = 2; i <= 4; i++) if (a[i] ~ /^(app-server|mcp-server|mcp|serve|acp|daemon|update|upgrade)$/) { sb = a[i]; break }
          print "agent\t" pid "\t" how "\t" esc(a[1]) "\t" esc(sc) "\t" (fl == "" ? "-" : fl) "\t" sb
        }
        for (i in a) delete a[i]
      }
      BEGIN { for (i = 1; i < 256; i++) if (i < 32 || i > 126 || i == 37) H[sprintf("%c", i)] = sprintf("%%%02X", i); H[sprintf("%c", 1)] = "%0A" }
      { l = substr($0, 7); p = l; sub(/\/.*/, "", p); sub(/^[^:]*:/, "", l); k = l; sub(/:.*/, "", k); sub(/^[^:]*:/, "", l)
        if (p != pid) { flush(); pid = p }
        a[k + 0] = l }
      END { flush() }')
    if [ -n "$AL" ]; then
      printf '%s\n' "$AL"
      i=0
      printf '%s\n' "$AL" | while IFS='	' read -r _ p _; do
        i=$((i+1)); [ $i -gt 120 ] && break
        # never touches the directory itself: a dead mount cannot hang it; the dot keeps a line break that ends its name
        d=$(readlink "/proc/$p/cwd" && echo .) ; d=\${d%??}
        enc "$d"; printf 'cwd\t%s\t%s\n' "$p" "$E"
      done
    fi
  fi
  # filesystems: local types only, so a dead network mount is never touched
  s fs
  M=$(awk '($2 in S) { next } $3 ~ /^(ext[234]|xfs|btrfs|zfs|f2fs|jfs|reiserfs|bcachefs|vfat|exfat|ntfs3?|hfsplus|apfs|ufs|erofs|squashfs)$/ && $1 !~ /^\/dev\/loop/ && !($1 in D) { D[$1]=1; S[$2]=1; print $2 }
           $3 ~ /^(overlay|tmpfs|rootfs)$/ && ($2 == "/" || $2 == "/tmp" || $2 == "/dev/shm" || $2 == "/run") { S[$2]=1; print $2 }' /proc/mounts | grep -v '\\' | head -n 40)
  OI=$IFS; IFS='
'; set -f; set -- $M; set +f; IFS=$OI
  if [ $# -gt 0 ]; then
    stat -f -c '%T	%S	%b	%f	%a	%c	%d	%n' "$@" 2>/dev/null || { printf 'df\n'; df -P -k "$@" 2>/dev/null; }
  fi
  ;;
Darwin)
  s sys; printf 'hostname\t%s\n' "$(uname -n)"
  s sysctl
  sysctl kern.boottime kern.bootsessionuuid kern.osproductversion vm.loadavg hw.ncpu hw.activecpu hw.memsize hw.pagesize vm.swapusage kern.memorystatus_level kern.memorystatus_vm_pressure_level kern.maxproc kern.num_files kern.maxfiles 2>/dev/null
  s vm_stat; vm_stat 2>/dev/null
  s df; df -kl 2>/dev/null
  s netstat; netstat -ibn 2>/dev/null | awk '$3 ~ /^<Link/'
  s iostat; iostat -Id 2>/dev/null
  s ps
  # ucomm cannot hold a path; awk keeps the busy, the big and the agents
  ps -A -o pid=,ppid=,stat=,tty=,lstart=,time=,pcpu=,rss=,ucomm= 2>/dev/null | awk -v AG="^($AG)" '
    { c += $11; nm = $13; for (i = 14; i <= NF; i++) nm = nm " " $i; gsub(/[^ -~]|%/, "?", nm) }
    $11 >= 1 || $12 >= 16384 || nm ~ AG || $3 ~ /^[ZU]/ { if (k++ < 250) printf "%s\t%s\t%s\t%s\t%s %s %s %s %s\t%s\t%s\t%s\t%s\n", $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, nm }
    END { printf "#\ttotal=%d\tpcpu_sum=%.1f\n", NR, c }'
  s agent
  AP=$(ps -A -o pid=,args= 2>/dev/null | awk -v AG="^($AG)(-cli|-code)?([.](js|mjs|cjs|py))?\$" '
    function base(x) { sub(/.*\//, "", x); gsub(/[^ -~]|%/, "?", x); return x }
    { b = base($2)
      if (b ~ AG) { printf "agent\t%s\texe\t%s\t-\t-\n", $1, b; next }
      if (b ~ /^(node|nodejs|bun|deno|[Pp]ython[0-9.]*|uv|npx|npm|sh|bash|zsh)$/)
        for (i = 3; i <= 5 && i <= NF; i++) {
          if (b ~ /sh$/ ? $i ~ /^-[a-z]*c/ : $i ~ /^(-[cep]|-pe|--eval|--print|--call)$/) break
          if (b !~ /sh$/ && $i ~ /^(-[rCWX]|--require|--import|--loader|--env-file)$/) { i++; continue }
          if ($i ~ /^-/ || (b " " $i) ~ /^(uv|npx|npm|bun|deno) (exec|x|tool)$|^(uv|bun|deno) run$/) continue
          if (base($i) ~ AG) printf "agent\t%s\tscript\t%s\t%s\t-\n", $1, b, base($i)
          break
        } }' | head -n 40)
  printf '%s\n' "$AP"
  L=$(printf '%s\n' "$AP" | awk -F'\t' 'NF > 1 { printf "%s%s", z, $2; z = "," }')
  [ -n "$L" ] && lsof -a -d cwd -p "$L" -Fpn 2>/dev/null | awk '/^p/ { p = substr($0,2) } /^n/ { d = substr($0,2); gsub(/%/, "%25", d); printf "cwd\t%s\t%s\n", p, d }'
  ;;
esac; fi

if [ "$LANE" = gpu ]; then
  s gpu
  if command -v nvidia-smi >/dev/null 2>&1; then
    T=; command -v timeout >/dev/null 2>&1 && T='timeout 3'
    $T nvidia-smi --query-gpu=index,name,utilization.gpu,memory.used,memory.total,temperature.gpu,power.draw --format=csv,noheader,nounits 2>/dev/null </dev/null
    printf 'rc\t%s\n' "$?"
  fi
fi

if [ "$LANE" = fast ] || [ "$LANE" = tools ]; then
  # presence: a plain walk along the login PATH and the usual user folders, builtins only, so no fork per tool.
  # Nothing found is run here; versions have a lane of their own.
  s tool
  D= ; OI=$IFS; IFS=:
  for d in $OP "$HOME/.local/bin" "$HOME/bin" "$HOME/.cargo/bin" "$HOME/go/bin" "$HOME/.bun/bin" "$HOME/.claude/local" "$HOME/.opencode/bin" "$HOME/.npm-global/bin" "$HOME/.local/share/pnpm" "$HOME/Library/pnpm" "$HOME/.volta/bin" "$HOME/.deno/bin" "$HOME/.local/share/mise/shims" "$HOME/.asdf/shims" "$HOME"/.nvm/versions/node/*/bin /opt/homebrew/bin /home/linuxbrew/.linuxbrew/bin /usr/local/bin /usr/local/go/bin /snap/bin /usr/bin /bin /usr/sbin /sbin; do
    case $d in /*) ;; *) continue ;; esac
    case ":$D:" in *":$d:"*) ;; *) [ -d "$d" ] && D=$D:$d ;; esac
  done
  D=\${D#:}
  set -f; set --
  for t in $(IFS=' '; printf '%s:' $TOOLS); do
    for d in $D; do
      [ -x "$d/$t" ] && [ -f "$d/$t" ] && { set -- "$@" "$d/$t"; enc "$d/$t"; printf '%s\t%s\n' "$t" "$E"; break; }
    done
  done
  set +f; IFS=$OI
  s toolstat
  if [ $# -gt 0 ]; then
    PATH=/usr/bin:/bin:$OP
    case $OS in Darwin) stat -L -f '%m	%z	%N' "$@" 2>/dev/null ;; *) stat -L -c '%Y	%s	%n' "$@" 2>/dev/null ;; esac
  fi
fi
s "end $(($(date +%s) - T0))"
}
vcprobe </dev/null 2>/dev/null
`
