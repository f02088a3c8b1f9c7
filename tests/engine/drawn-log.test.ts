import { describe, expect, test } from 'vitest'
import { drawnLines, isDrawn } from '../../src/engine/drawn-log.ts'

const E = '\u001b'

describe('the log of a program that draws', () => {
  test('lines with colours are lines; what moves the cursor is drawn', () => {
    expect(isDrawn(`${E}[31mred${E}[0m\r\nplain\r50 %\r\n`)).toBe(false)
    expect(isDrawn(`one${E}[2A`)).toBe(true)
    expect(isDrawn(`${E}[?1049hfull`)).toBe(true)
  })

  test('what was overdrawn is gone, what scrolled away is there', async () => {
    const rows = Array.from({ length: 40 }, (_, at) => `row ${at}`).join('\r\n')
    const lines = await drawnLines(`${rows}\r\nworking 1 s${E}[11Ddone       \r\n`, 200)
    expect(lines).toEqual([...Array.from({ length: 40 }, (_, at) => `row ${at}`), 'done'])
    expect(await drawnLines(`${rows}${E}[1A${E}[2Kx`, 3)).toHaveLength(3)
  })

  test('a full screen that was left is shown as it was last, before what came after it', async () => {
    const full = `${E}[?1049h${E}[2J${E}[3;5Hold${E}[3;5Hthe answer${E}[?1049l`
    expect(await drawnLines(`start\r\n${full}resume with: x -s 1\r\n`, 200)).toEqual([
      ...['', '', '    the answer'],
      ...['start', 'resume with: x -s 1'],
    ])
  })

  test('a full screen of a program that was killed is the end of its log', async () => {
    const lines = await drawnLines(`start\r\n${E}[?1049h${E}[2J${E}[1;1Hthe last word`, 200)
    expect(lines).toEqual(['start', 'the last word'])
  })
})
