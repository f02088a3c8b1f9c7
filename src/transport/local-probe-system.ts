import { encoded, fieldsOf, firstLine, linesOf, namesIn, readKernel } from './local-files.ts'

export interface Clock {
  readonly ticksPerS: number
  readonly pageBytes: number
}

const AT_PAGESZ = 6n
const AT_CLKTCK = 17n

/** Page size and clock ticks as the kernel told this process at its start; null where it does not say. */
export const readClock = (auxv: Buffer): Clock | null => {
  const told = new Map<bigint, bigint>()
  for (let at = 0; at + 16 <= auxv.length; at += 16) told.set(auxv.readBigUInt64LE(at), auxv.readBigUInt64LE(at + 8))
  const [page, ticks] = [told.get(AT_PAGESZ), told.get(AT_CLKTCK)]
  return page === undefined || ticks === undefined ? null : { ticksPerS: Number(ticks), pageBytes: Number(page) }
}

/** `os_id`, `os_version` and `reboot_required` of the head. */
export const systemHead = (rebootRequired: boolean): readonly string[] => {
  const lines = linesOf('/etc/os-release').flatMap((line) => {
    const [, key, value = ''] = /^(ID|VERSION_ID)=(.*)$/.exec(line) ?? []
    if (key === undefined) return []
    return [`${key === 'ID' ? 'os_id' : 'os_version'}\t${encoded(value.replace(/^["']/, '').replace(/["']$/, ''))}`]
  })
  return rebootRequired ? [...lines, 'reboot_required\t1'] : lines
}

const pair = (key: string, value: string): readonly string[] => (value === '' ? [] : [`${key}\t${encoded(value)}`])

const KERNEL = '/proc/sys/kernel'
const INOTIFY = '/proc/sys/fs/inotify'

const sysSection = (clock: Clock): readonly string[] => [
  ...pair('hostname', firstLine(`${KERNEL}/hostname`)),
  ...pair('boot_id', firstLine(`${KERNEL}/random/boot_id`)),
  ...pair('uptime_s', fieldsOf(firstLine('/proc/uptime'))[0] ?? ''),
  `clk_tck\t${clock.ticksPerS}`,
  `pagesize\t${clock.pageBytes}`,
  'clk_tck_source\tgetconf',
  ...pair('loadavg', firstLine('/proc/loadavg')),
  ...pair('file_nr', firstLine('/proc/sys/fs/file-nr')),
  ...pair('pid_max', firstLine(`${KERNEL}/pid_max`)),
  ...['watches', 'instances'].flatMap((what) =>
    pair(`inotify_max_user_${what}`, firstLine(`${INOTIFY}/max_user_${what}`)),
  ),
  ...pair('inotify_max_queued_events', firstLine(`${INOTIFY}/max_queued_events`)),
]

const cpuSection = (): readonly string[] => {
  const lines = linesOf('/proc/stat')
  const cores = lines.filter((line) => /^cpu\d/.test(line)).length
  return [
    ...lines.filter((line) => /^(cpu|btime|ctxt|processes|procs_running|procs_blocked) /.test(line)),
    `cores ${cores}`,
  ]
}

const MEMORY =
  /^(MemTotal|MemFree|MemAvailable|Buffers|Cached|SReclaimable|Shmem|SwapTotal|SwapFree|Dirty|CommitLimit|Committed_AS):/

const memSection = (): readonly string[] => {
  const max = firstLine('/sys/fs/cgroup/memory.max')
  const group = [
    `cgroup_memory_max ${max}`,
    `cgroup_memory_current ${firstLine('/sys/fs/cgroup/memory.current')}`,
    `cgroup_cpu_max ${firstLine('/sys/fs/cgroup/cpu.max')}`,
  ]
  return [
    ...linesOf('/proc/meminfo').filter((line) => MEMORY.test(line)),
    ...linesOf('/proc/vmstat').filter((line) => /^(oom_kill|pswpin|pswpout|pgmajfault) /.test(line)),
    ...(max === '' ? [] : group),
  ]
}

const psiSection = (): readonly string[] =>
  ['cpu', 'memory', 'io'].flatMap((what) => linesOf(`/proc/pressure/${what}`).map((line) => `${what} ${encoded(line)}`))

const diskSection = (): readonly string[] => {
  const whole = new Set(namesIn('/sys/block'))
  return linesOf('/proc/diskstats').flatMap((line) => {
    const [, , name = '', reads, , read, , writes, , written, , , busy] = fieldsOf(line)
    if (/^(loop|ram|sr|fd)\d/.test(name) || Number(reads) + Number(writes) === 0 || !whole.has(name)) return []
    return [[name, reads, read, writes, written, busy].join('\t')]
  })
}

const netSection = (): readonly string[] =>
  linesOf('/proc/net/dev').flatMap((line) => {
    const colon = line.indexOf(':')
    const name = line.slice(0, Math.max(0, colon)).replaceAll(' ', '')
    if (colon < 0 || name === 'lo' || name.startsWith('veth')) return []
    const [rx, , rxErrors, rxDropped, , , , , tx, , txErrors, txDropped] = fieldsOf(line.slice(colon + 1))
    const physical = firstLine(`/sys/class/net/${name}/device/uevent`) === '' ? 0 : 1
    return [[encoded(name), physical, rx, tx, rxErrors, txErrors, rxDropped, txDropped].join('\t')]
  })

const SENSOR = /^(coretemp|k10temp|zenpower|cpu_thermal)$/

const tempSection = (): readonly string[] => {
  const zones = namesIn('/sys/class/thermal').filter((name) => name.startsWith('thermal_zone'))
  const chips = namesIn('/sys/class/hwmon').filter((name) => SENSOR.test(firstLine(`/sys/class/hwmon/${name}/name`)))
  const reading = (name: string, value: string): readonly string[] =>
    value === '' ? [] : [`${encoded(name)}\t${value}`]
  return [
    ...zones.flatMap((zone) => {
      const place = `/sys/class/thermal/${zone}`
      return reading(firstLine(`${place}/type`), firstLine(`${place}/temp`))
    }),
    ...chips.flatMap((chip) => {
      const place = `/sys/class/hwmon/${chip}`
      return reading(firstLine(`${place}/name`), firstLine(`${place}/temp1_input`))
    }),
  ]
}

const gpuSection = (): readonly string[] => {
  const cards = namesIn('/sys/class/drm').filter((name) => /^card[0-7]$/.test(name))
  const lines = cards.flatMap((card) => {
    const place = `/sys/class/drm/${card}/device`
    const busy = firstLine(`${place}/gpu_busy_percent`)
    if (busy === '') return []
    const vram = ['used', 'total'].map((what) => firstLine(`${place}/mem_info_vram_${what}`))
    return [[`amd${card.slice(4)}`, busy, ...vram].join('\t')]
  })
  return readKernel('/proc/driver/nvidia/version') === '' ? lines : [...lines, 'nvidia\tpresent']
}

/** Sections of the machine as a whole, by name, in the order of the script. */
export const systemSections = (clock: Clock): readonly (readonly [string, readonly string[]])[] => [
  ['sys', sysSection(clock)],
  ['cpu', cpuSection()],
  ['mem', memSection()],
  ['psi', psiSection()],
  ['disk', diskSection()],
  ['net', netSection()],
  ['temp', tempSection()],
  ['gpusys', gpuSection()],
]
