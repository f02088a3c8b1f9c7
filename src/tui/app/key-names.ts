const SHOWN: Readonly<Record<string, string>> = {
  enter: 'Enter',
  esc: 'Esc',
  tab: 'Tab',
  'shift-tab': 'Shift-Tab',
  space: 'Space',
  backspace: 'Backspace',
  delete: 'Delete',
  up: '↑',
  down: '↓',
  left: '←',
  right: '→',
  home: 'Home',
  end: 'End',
  pageup: 'PgUp',
  pagedown: 'PgDn',
}

/** A key as people read it: `ctrl-d` → `Ctrl-D`, `enter` → `Enter`. */
export const keyText = (key: string): string =>
  SHOWN[key] ??
  key.replace(
    /^(ctrl|alt|shift)-(.)$/,
    (_, held: string, letter: string) => `${held[0]?.toUpperCase()}${held.slice(1)}-${letter.toUpperCase()}`,
  )

/** A key as the terminal's decoder names it, whichever way it is written: `Enter`, `C-d`, `Return` … */
export const keyName = (written: string): string => {
  if ([...written].length === 1) return written === ' ' ? 'space' : written
  const low = written
    .toLowerCase()
    .replace(/^c-/, 'ctrl-')
    .replace(/^s-tab$/, 'shift-tab')
    .replace(/^escape$/, 'esc')
    .replace(/^return$/, 'enter')
  return { pgup: 'pageup', pgdn: 'pagedown', pagedn: 'pagedown' }[low] ?? low
}
