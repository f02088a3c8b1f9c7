import { KERNEL } from './kernel-code.ts'

// The part of WebAssembly that is used; Node has it, its types do not.
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer }
  reserve(bytes: number): number
  newTable(places: number): number
  addKey(table: number, name: number, length: number, slot: number, stops: number, inner: number): void
  newReader(table: number, slots: number): number
  read(reader: number, start: number, end: number): number
  isKept(reader: number, slot: number): number
  keepText(reader: number, slot: number): void
  momentAt(reader: number, slot: number): number
  forgetAnswer(): void
  settleAnswers(reader: number, place: number): void
  answerBecomesRow(reader: number): number
  nameModel(reader: number, slot: number): number
  newRows(): number
  clearRows(): void
  rowCount(): number
  keysStop(): number
  writeRequests(): number
  runAt(): number
  nextAnswer(reader: number, message: number, from: number, end: number, each: number): number
  nextRecord(reader: number, from: number, end: number): number
  threadAt(): number
  threadTexts(): number
  lineKind(start: number, end: number): number
  recordKind(start: number, end: number): number
  lineStart(): number
  lineStop(): number
  lineCount(): number
}
interface Machine {
  readonly Module: new (code: Uint8Array) => object
  readonly Instance: new (module: object) => { readonly exports: unknown }
}
const { Module, Instance } = (globalThis as unknown as { readonly WebAssembly: Machine }).WebAssembly

/** What `assembly/` compiles to, one per thread. Addresses are indices of `memory`, which never moves. */
export const kernel = new Instance(new Module(Buffer.from(KERNEL, 'base64'))).exports as Exports

const { buffer } = kernel.memory
export const memory = Buffer.from(buffer)
export const integers = new Int32Array(buffer)
export const floats = new Float64Array(buffer)

const LF = 10
const ROOM_BYTES = 1024 * 1024
// Searches look so far beyond the end of what they search.
const BEYOND_BYTES = 64

const roomAt = kernel.reserve(ROOM_BYTES + BEYOND_BYTES)
/**
 * Where a thread reads its files into: small enough to stay in the processor's cache, and in reach of the kernel. Nothing is
 * allocated per file.
 */
export const room = memory.subarray(roomAt, roomAt + ROOM_BYTES)

export const isInReach = (block: Buffer): boolean => block.buffer === buffer

/** Bytes put into the kernel's room for as long as nothing else is. They must fit. */
export const carryOver = (bytes: Uint8Array): Buffer => {
  room.set(bytes)
  return room.subarray(0, bytes.length)
}

// A line says what it is by its first bytes, or not at all.
const PREFIX_BYTES = 512

/** Asks the kernel by the first bytes of a line that is not in reach. */
export const byBeginning = (line: Buffer, kindOf: (start: number, end: number) => number): number => {
  const { byteOffset: start, length } = carryOver(line.subarray(0, PREFIX_BYTES))
  return kindOf(start, start + length)
}

/**
 * Hands on whole lines where the kernel can read them: as they are when they lie there, else carried over in pieces. A line too
 * long for a piece comes by itself, as it is and without its line feed.
 */
export const inReach = (block: Buffer, feed: (piece: Buffer) => void, long: (line: Buffer) => void): void => {
  if (isInReach(block)) {
    feed(block)
    return
  }
  for (let start = 0; start < block.length; ) {
    const end = pieceEnd(block, start)
    if (end > start) {
      feed(carryOver(block.subarray(start, end)))
      start = end
      continue
    }
    const feedAt = block.indexOf(LF, start)
    if (feedAt < 0) return
    long(block.subarray(start, feedAt))
    start = feedAt + 1
  }
}

/** Index behind the last line that ends within a piece from `start`; `start` when none does. */
const pieceEnd = (block: Buffer, start: number): number => {
  const last = block.subarray(start, start + ROOM_BYTES).lastIndexOf(LF)
  return start + last + 1
}

/** Where a text begins behind the mark that some editors set before it. */
export const textStart = (block: Buffer): number =>
  block[0] === 0xef && block[1] === 0xbb && block[2] === 0xbf ? 3 : 0

/** The line of a block that the kernel found last, without its line feed. */
export const lineAt = ({ byteOffset }: Buffer): { readonly start: number; readonly end: number } => ({
  start: kernel.lineStart() - byteOffset,
  end: kernel.lineStop() - byteOffset,
})
