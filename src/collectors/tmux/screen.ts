import { sha256 } from '../../core/ids.ts'

// CSI, OSC (ended by BEL or ST), charset switches, and any other two-byte escape
const ESCAPES =
  /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[()*+][0-9A-Za-z]|[ -/]*[0-~])|[\u000e\u000f]/g

/** A captured screen without its escape sequences. */
export const plainScreen = (captured: string): string => captured.replace(ESCAPES, '')

// Braille, Claude's stars, quarter circles, dots and blocks: what turns while nothing happens
const MOVING = /[\u2800-\u28ff\u2580-\u259f✳✻✽✶✢✦·•●○◐◑◒◓◴◵◶◷⬤⏲|/\\-]|\d+/gu

/** Hash of what a person would call the same screen: spinner glyphs, digits and trailing blanks do not count. */
export const screenHash = (plain: string): string =>
  sha256(
    plain
      .replace(MOVING, '')
      .replace(/[ \t]+$/gm, '')
      .trimEnd(),
  )

/** Binds an approval to what was asked: title, words and option labels, however they were wrapped. */
export const dialogHash = (dialog: {
  readonly title: string
  readonly body: string
  readonly options: readonly string[]
}) =>
  sha256(JSON.stringify([dialog.title, dialog.body, ...dialog.options].map((text) => text.replace(/\s+/g, ' ').trim())))
