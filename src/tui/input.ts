/** What came from the terminal: a key by name, pasted text, or the mouse. */
export type Input =
  | { readonly kind: 'key'; readonly key: string; readonly text: string }
  | { readonly kind: 'paste'; readonly text: string }
  | {
      readonly kind: 'mouse'
      readonly what: 'down' | 'up' | 'wheel-up' | 'wheel-down'
      readonly x: number
      readonly y: number
    }
