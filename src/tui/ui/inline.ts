import { PassThrough } from 'node:stream'
import type { BlessedProgram } from 'blessed'
import type { Tty } from './terminal.ts'

/** What of blessed's program its types do not say. */
type Program = BlessedProgram & {
  isAlt: boolean
  tput: { cup(y: number, x: number): string }
}

/**
 * A part of the terminal's own buffer, at its bottom: the lines above stay, and the last picture stays behind. Blessed gets
 * an output of that height, and every place it writes to is moved down.
 */
export const openInline = (tty: Tty['output'], wanted: number) => {
  const total = (): number => tty.rows ?? 24
  const rows = (): number => Math.max(1, Math.min(wanted, total()))
  const offset = (): number => total() - rows()
  const output = Object.assign(new PassThrough(), { isTTY: true, columns: tty.columns ?? 80, rows: rows() })
  output.on('data', (chunk: Buffer) => void tty.write(chunk))
  const erase = (): string => `\u001b[${offset() + 1};1H\u001b[J`
  const onResize = (): void => {
    Object.assign(output, { columns: tty.columns ?? 80, rows: rows() })
    tty.write(erase())
    output.emit('resize')
  }
  tty.on('resize', onResize)
  // Room at the bottom: what stood there moves up.
  tty.write('\n'.repeat(rows()) + erase())
  return {
    output,
    /** Keeps blessed from taking the whole terminal. */
    tame(program: Program): void {
      const { tput } = program
      const cup = tput.cup.bind(tput)
      tput.cup = (y, x) => cup(y + offset(), x)
      const alternate = (on: boolean) => () => {
        program.isAlt = on
        return true
      }
      const nothing = () => true
      Object.assign(program, {
        alternateBuffer: alternate(true),
        normalBuffer: alternate(false),
        clear: nothing,
        csr: nothing,
      })
    },
    close(): void {
      tty.off('resize', onResize)
      tty.write(`\u001b[${total()};1H\n`)
    },
  }
}
export type Inline = ReturnType<typeof openInline>
export type { Program }
