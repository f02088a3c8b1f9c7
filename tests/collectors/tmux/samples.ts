import { readFileSync } from 'node:fs'

const NONCE = '0123456789abcdef'
const U = '\u001f'

/** A recorded `vc-tmux 1` answer in the form vc's script prints today: nonce on every record, server identity first. */
export const recorded = (name: string, socket = '/tmp/tmux-1000/default'): Buffer => {
  const lines = readFileSync(new URL(`../../fixtures/tmux/${name}.txt`, import.meta.url))
    .toString()
    .split('\n')
    .slice(0, -1)
  const [, epoch, binary] = /^vc-tmux 1 (\d+) (.+)$/.exec(lines[0] ?? '') ?? []
  const out = [`@${NONCE} vc-tmux 2 ${epoch} ${binary}`]
  for (const line of lines.slice(1)) out.push(...converted(line, socket))
  if (binary === '-' || lines.some((line) => line.startsWith('rc 1'))) out.push(`@${NONCE} end`)
  return Buffer.from(`${out.join('\n')}\n`)
}

const converted = (line: string, socket: string): readonly string[] => {
  if (line.startsWith('tmux ')) return [`@${NONCE} version ${line}`]
  if (line.startsWith('rc ')) return [`@${NONCE} S${U}${line.slice(3)}${U}${socket}`]
  if (line.startsWith(`P${U}`)) return [paneOf(line.split(U))]
  if (line.startsWith('P_')) return [`@${NONCE} ${line}`]
  if (line.startsWith(`C${U}`)) return [`@${NONCE} ${line}`]
  if (line === 'E') return [`@${NONCE} F${U}0`, `@${NONCE} end`]
  return [line.startsWith(' ') ? line.slice(1) : line]
}

const paneOf = (fields: readonly string[]): string => {
  const [tag, ...rest] = fields
  const signal = ''
  const old = [tag, '391', '1795200000', ...rest.slice(0, 8), signal, ...rest.slice(8, 19), '0', '0', ...rest.slice(19)]
  return `@${NONCE} ${old.join(U)}`
}
