import { connect, type Socket } from 'node:net'

/** What arrives for a run that can wait is read this late at most. */
const GATHER_MS = 100
/** With many machines under way others wait for their places. */
const CROWD = 24
const CROWD_MS = 50
const READ_BYTES = 65_536
/** Who brings this much in one round has more: it is read without a pause. */
const BULK_BYTES = 32_768

// Filled and handed on within one turn: all sockets share it.
const readInto = Buffer.allocUnsafe(READ_BYTES)

/** A TCP socket without Nagle (with it every warm exec costs 40 ms more) that stops reading at once when it is paused. */
export const pausableSocket = (host: string, port: number): Socket => {
  const socket: Socket = connect({
    host,
    port,
    noDelay: true,
    onread: {
      buffer: readInto,
      callback(bytes, buffer) {
        socket.emit('data', Buffer.from(buffer.subarray(0, bytes)))
        return true
      },
    },
  })
  // Whoever listens resumes it: a server may greet before that.
  return socket.pause()
}

interface Uses {
  patient: number
  hurried: number
  /** Bytes read up to the last round. */
  bytesRead: number
}

/** Calls back after so many ms. */
type Later = (ms: number, act: () => void) => void

/**
 * Reads what arrives for patient runs together. A poll brings its answer in a dozen small packets: to wake for each of
 * them costs several times what is done with it, and with many machines most of the time they arrive while others do.
 */
export interface GatheredReads {
  /** A run begins on this connection; call the answer when it has ended. A run that is not patient is read at once. */
  begin(socket: Socket, patient: boolean): () => void
}

export const openGatheredReads = (later: Later = (ms, act) => void setTimeout(act, ms)): GatheredReads => {
  const used = new Map<Socket, Uses>()
  let waiting = false

  const isGathered = (socket: Socket): boolean => {
    const uses = used.get(socket)
    return uses !== undefined && uses.patient > 0 && uses.hurried === 0
  }
  /** Takes stock of what it brought since the last round. */
  const broughtBulk = (socket: Socket): boolean => {
    const uses = used.get(socket)
    if (uses === undefined) return false
    const bytes = socket.bytesRead - uses.bytesRead
    uses.bytesRead = socket.bytesRead
    return bytes >= BULK_BYTES
  }
  const arm = (): void => {
    if (waiting || used.size === 0) return
    waiting = true
    later(used.size > CROWD ? CROWD_MS : GATHER_MS, read)
  }
  const read = (): void => {
    const gathered = [...used.keys()].filter(isGathered)
    for (const socket of gathered) socket.resume()
    // Between timers and immediates the loop reads what has arrived, once.
    setImmediate(() => {
      for (const socket of gathered) if (isGathered(socket) && !broughtBulk(socket)) socket.pause()
      waiting = false
      arm()
    })
  }
  const set = (socket: Socket): void => {
    if (isGathered(socket)) socket.pause()
    else socket.resume()
    arm()
  }
  return {
    begin(socket, patient) {
      const kind = patient ? 'patient' : 'hurried'
      const uses = used.get(socket) ?? { patient: 0, hurried: 0, bytesRead: socket.bytesRead }
      uses[kind] += 1
      used.set(socket, uses)
      set(socket)
      let ended = false
      return () => {
        if (ended) return
        ended = true
        uses[kind] -= 1
        if (uses.patient + uses.hurried === 0) used.delete(socket)
        set(socket)
      }
    },
  }
}
