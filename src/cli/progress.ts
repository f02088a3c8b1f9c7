import type { CliIo } from './io.ts'

interface Part {
  done: number
  total: number
}

const WIDTH = 24
/** Less is read before anybody could look. */
const WORTH_BYTES = 1_048_576

const mebibytes = (bytes: number): string => (bytes / 1_048_576).toFixed(bytes < 10_485_760 ? 1 : 0)

/** `reading history ████░░░░ 37 % 210/568 MB`: one line that overwrites itself, on a terminal only. */
export const progressLine = (done: number, total: number): string => {
  const share = total > 0 ? Math.min(1, done / total) : 0
  const filled = Math.round(share * WIDTH)
  return `reading history ${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)} ${Math.floor(share * 100)} % ${mebibytes(done)}/${mebibytes(total)} MB`
}

/** Sums what several collectors on several machines report, and draws it at most ten times a second. */
export const openProgress = (io: CliIo) => {
  const parts = new Map<string, Part>()
  let drawnAt = 0
  let drawn = false
  let ended = false
  const sums = (): Part => {
    const sum = { done: 0, total: 0 }
    for (const part of parts.values()) {
      sum.done += part.done
      sum.total += part.total
    }
    return sum
  }
  return {
    report(machineId: string, collector: string, done: number, total: number): void {
      parts.set(`${machineId} ${collector}`, { done, total })
      const now = Date.now()
      if (ended || io.stderr.isTTY !== true || now - drawnAt < 100) return
      const sum = sums()
      if (sum.total < WORTH_BYTES) return
      drawnAt = now
      drawn = true
      io.stderr.write(`\r\u001b[K${progressLine(sum.done, sum.total)}`)
    },
    /** Something is still being read. */
    busy: (): boolean => [...parts.values()].some((part) => part.done < part.total),
    clear(): void {
      if (drawn) io.stderr.write('\r\u001b[K')
      drawn = false
    },
    /** Draws nothing any more: a screen has the terminal. */
    end(): void {
      this.clear()
      ended = true
    },
  }
}
