// The package describes itself under another name (it is installed under an alias); this is the part vc uses.
declare module 'node-pty' {
  export interface Pty {
    readonly pid: number
    readonly process: string
    write(data: string): void
    pause(): void
    resume(): void
    onData(listen: (data: Buffer) => void): void
    onExit(listen: (end: { readonly exitCode: number; readonly signal?: number }) => void): void
  }
  export interface PtyOptions {
    readonly name: string
    readonly cols: number
    readonly rows: number
    readonly cwd: string
    readonly env: Readonly<Record<string, string>>
    /** Null: data come as bytes. */
    readonly encoding: null
  }
  export function spawn(file: string, args: readonly string[], options: PtyOptions): Pty
}
