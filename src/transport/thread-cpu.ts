interface CanTell {
  readonly threadCpuUsage?: () => NodeJS.CpuUsage
}

/** Processor time of this thread so far, in ms. Before Node 23.9 none can tell: there it is the time its loop was not idle. */
export const threadCpuMs = (): number => {
  const used = (process as CanTell).threadCpuUsage?.()
  return used === undefined ? performance.eventLoopUtilization().active : (used.user + used.system) / 1000
}
