import { describe, expect, test } from 'vitest'
import type { AgentSight } from '../../src/core/agent-adapter.ts'
import { steadyLook } from '../../src/engine/steady-look.ts'

/** An eye that sees these dialogs one after another, the last one for ever. */
const eyeOn = (...hashes: readonly (string | null)[]) => {
  let looks = 0
  return {
    look: async (): Promise<AgentSight> => {
      const hash = hashes[Math.min(looks++, hashes.length - 1)] ?? null
      return { dialog: hash === null ? null : { hash, title: '', body: '', options: [] } } as unknown as AgentSight
    },
    looks: () => looks,
  }
}
const at = async () => undefined

describe('a steady look', () => {
  test('waits until a dialog is drawn to its end', async () => {
    const eye = eyeOn('half', 'whole')
    expect((await steadyLook(eye, at)).dialog?.hash).toBe('whole')
    expect(eye.looks()).toBe(3)
  })

  test('looks once where nothing is asked, and sees a dialog that closes', async () => {
    const none = eyeOn(null)
    expect((await steadyLook(none, at)).dialog).toBeNull()
    expect(none.looks()).toBe(1)
    expect((await steadyLook(eyeOn('a', null), at)).dialog).toBeNull()
  })

  test('gives up on one that never stands still', async () => {
    const eye = eyeOn('1', '2', '3', '4', '5', '6', '7', '8')
    expect((await steadyLook(eye, at)).dialog?.hash).toBe('6')
  })
})
