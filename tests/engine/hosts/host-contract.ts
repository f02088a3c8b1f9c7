import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { FollowEvent, HostPane, PaneRef, SessionHost, SessionSpec } from '../../../src/core/session-host.ts'

type Argv = SessionSpec['argv']

/** The same five programs for every host; the fake has them as functions. */
export interface Programs {
  /** Prints every line again, upper case, and sets the title `echoing`. */
  readonly echo: Argv
  /** Prints `here`, exits with 3. */
  readonly exits: Argv
  /** Prints `ready`; TERM and HUP do nothing to it. */
  readonly stubborn: Argv
  /** Asks for bracketed pastes and shows what it reads with escapes spelled out. */
  readonly bracketed: Argv
  /** Prints its variable VC_WORD. */
  readonly environment: Argv
}

export const SHELL_PROGRAMS: Programs = {
  echo: ['sh', '-c', `printf '\\033]2;echoing\\007'; while IFS= read -r l; do printf '%s\\n' "$l" | tr a-z A-Z; done`],
  exits: ['sh', '-c', 'echo here; exit 3'],
  stubborn: ['sh', '-c', 'trap "" TERM HUP; echo ready; while :; do sleep 1; done'],
  bracketed: ['sh', '-c', `stty raw -echo; printf '\\033[?2004hready\\r\\n'; exec cat -v`],
  environment: ['sh', '-c', 'echo "[$VC_WORD]"; exec cat'],
}

export interface Contestant {
  readonly host: SessionHost
  readonly programs: Programs
  readonly cwd: string
}

/** Tests that a host leaves out, by name, with the reason. */
export type Exceptions = Readonly<Record<string, string>>

/** What every host of terminals must do, however it does it. */
export const hostContract = (
  name: string,
  open: () => Promise<Contestant>,
  close: () => Promise<void>,
  not: Exceptions = {},
) =>
  describe(`${name} host`, () => {
    let it: Contestant
    let made = 0
    beforeAll(async () => {
      it = await open()
    }, 60_000)
    afterAll(close, 60_000)
    const rule = (what: string, tell: () => Promise<void>): void => {
      const reason = not[what]
      if (reason === undefined) test(what, tell, 90_000)
      else test.skip(`${what} — ${reason}`, () => {})
    }

    const start = async (argv: Argv, more: Partial<SessionSpec> = {}): Promise<HostPane> => {
      made += 1
      const started = await it.host.start({ name: `s${made}`, argv, cwd: it.cwd, ...more })
      if (started.is !== 'started') throw new Error(JSON.stringify(started))
      return started.pane
    }
    const textOf = async (ref: PaneRef, ansi = false): Promise<string> => {
      const [screen] = await it.host.capture([ref], { ansi })
      return screen?.is === 'screen' ? screen.text : `(${screen?.is})`
    }
    const shows = (ref: PaneRef, text: string | RegExp): Promise<void> =>
      vi.waitFor(async () => expect(await textOf(ref)).toMatch(text), { timeout: 45_000, interval: 20 })
    const paneNow = async (ref: PaneRef): Promise<HostPane | undefined> => {
      const listed = await it.host.list()
      return listed.is === 'listed' ? listed.panes.find((pane) => pane.ref.paneId === ref.paneId) : undefined
    }

    rule('a started session is listed with size, tags and the process it began with', async () => {
      const pane = await start(it.programs.echo, { cols: 90, rows: 20, tags: { agent: 'atlas/x "1" #{pid} é' } })
      const found = await paneNow(pane.ref)
      expect(found).toMatchObject({ ref: pane.ref, cols: 90, rows: 20, dead: null, sessionName: `s${made}` })
      expect(found?.tags).toEqual({ agent: 'atlas/x "1" #{pid} é' })
      expect(pane.ref.pid).toBeGreaterThan(1)
      expect(pane.ref.startTicks).toBeGreaterThan(0)
    })

    rule('a name that is taken, a folder and a program that are not there are refused', async () => {
      const pane = await start(it.programs.echo, { name: 'taken' })
      const same = await it.host.start({ name: 'taken', argv: it.programs.echo, cwd: it.cwd })
      const nowhere = await it.host.start({ name: 'n1', argv: it.programs.echo, cwd: '/not/there' })
      const nothing = await it.host.start({ name: 'n2', argv: ['vc-no-such-program'], cwd: it.cwd })
      expect([same, nowhere, nothing].map((one) => (one.is === 'trouble' ? one.code : one.is))).toEqual([
        'name_taken',
        'no_cwd',
        'no_program',
      ])
      await it.host.end(pane.ref, 500)
    })

    rule('what no host could start is a programming error', async () => {
      for (const wrong of [{ cwd: 'relative' }, { name: 'a b' }, { env: { 'A-B': 'x' } }, { cols: 1 }])
        await expect(
          it.host.start({ name: 'wrong', argv: it.programs.echo, cwd: it.cwd, ...wrong }),
        ).rejects.toMatchObject({ code: 'bad_request' })
    })

    rule('variables reach the child as they are', async () => {
      const pane = await start(it.programs.environment, { env: { VC_WORD: `a 'b' "c" $d; #{pid} %H` } })
      await shows(pane.ref, `[a 'b' "c" $d; #{pid} %H]`)
    })

    rule('typed text is answered once Enter was pressed', async () => {
      const { ref } = await start(it.programs.echo)
      await vi.waitFor(async () => expect((await paneNow(ref))?.title).toBe('echoing'), { timeout: 45_000 })
      const typed = await it.host.type(ref, { text: 'grüße; $(x)', enterAfterMs: 20 })
      expect(typed).toMatchObject({ is: 'typed', bytes: 13, dropped: 0 })
      await shows(ref, /GR.*E; \$\(X\)/)
    })

    rule('several screens come in one look, in the order asked, one that is gone among them', async () => {
      const [a, b] = [await start(it.programs.exits), await start(it.programs.stubborn)]
      await shows(a.ref, 'here')
      await shows(b.ref, 'ready')
      const looks = await it.host.capture([b.ref, { ...a.ref, paneId: '%99999' }, a.ref])
      expect(looks.map((look) => (look.is === 'screen' ? look.pane.ref.paneId : look.is))).toEqual([
        b.ref.paneId,
        'gone',
        a.ref.paneId,
      ])
      await it.host.end(b.ref, 100)
    })

    rule('an exit status is kept with the dead terminal', async () => {
      const { ref } = await start(it.programs.exits)
      await vi.waitFor(async () => expect((await paneNow(ref))?.dead).toMatchObject({ status: 3 }), { timeout: 45_000 })
      expect(await it.host.type(ref, { text: 'x' })).toMatchObject({ is: 'refused', why: 'pane_dead' })
      expect(await it.host.end(ref, 100)).toMatchObject({ is: 'ended', survivors: [], death: { status: 3 } })
      expect(await paneNow(ref)).toBeUndefined()
    })

    rule('another process, another server and a pane that is gone are never typed into nor ended', async () => {
      const { ref } = await start(it.programs.echo)
      const others: readonly PaneRef[] = [
        { ...ref, startTicks: ref.startTicks + 1 },
        { ...ref, pid: ref.pid + 1 },
        { ...ref, serverStartS: ref.serverStartS - 5 },
        { ...ref, paneId: '%99999' },
      ]
      for (const other of others) {
        expect(await it.host.type(other, { text: 'wrong', enterAfterMs: 0 })).toMatchObject({ is: 'refused' })
        expect(await it.host.end(other, 0)).toMatchObject({ is: 'refused' })
      }
      expect(await textOf(ref)).not.toMatch(/wrong/i)
      expect((await paneNow(ref))?.dead).toBeNull()
    })

    rule('a screen that is not the expected one stops the key', async () => {
      const { ref } = await start(it.programs.stubborn)
      await shows(ref, 'ready')
      const judged = await it.host.type(ref, { keys: ['y'] }, { screen: () => 'another dialog' })
      const missing = await it.host.type(ref, { keys: ['y'] }, { stillShows: ['Do you want'] })
      expect([judged, missing]).toMatchObject([
        { is: 'refused', why: 'screen_changed', detail: 'another dialog' },
        { is: 'refused', why: 'screen_changed' },
      ])
      expect(await it.host.type(ref, { keys: ['y'] }, { stillShows: ['ready'] })).toMatchObject({ is: 'typed' })
      await it.host.end(ref, 0)
    })

    rule('a paste is wrapped where the program asked for it, and no text can end it', async () => {
      const { ref } = await start(it.programs.bracketed)
      await shows(ref, 'ready')
      const typed = await it.host.type(ref, { text: 'a\nb\u001b[201~\u009b201~\u0003c', keys: ['Up', 'Enter'] })
      expect(typed).toMatchObject({ is: 'typed', dropped: 3 })
      await shows(ref, /\^\[\[200~a\^Mb\[201~201~c\^\[\[201~\^\[\[A\^M/)
    })

    rule('too much for one message and too long a line for a line editor are refused, not cut', async () => {
      const { ref } = await start(it.programs.echo)
      const much = await it.host.type(ref, { text: 'x\n'.repeat(60_000) })
      const line = await it.host.type(ref, { text: 'y'.repeat(4_096), enterAfterMs: 0 })
      expect([much, line]).toMatchObject([{ why: 'too_long' }, { why: 'line_too_long' }])
      expect(await textOf(ref)).not.toContain('y')
    })

    rule('sixteen kilobytes and more arrive whole where the program reads keys by itself', async () => {
      const { ref } = await start(it.programs.bracketed)
      await shows(ref, 'ready')
      const text = `${Array.from({ length: 3_000 }, (_, i) => `w${i}`).join(' ')} end`
      expect(await it.host.type(ref, { text })).toMatchObject({ is: 'typed', bytes: text.length })
      await shows(ref, /w2999 end\^\[\[201~/)
      const [screen] = await it.host.capture([ref], { historyLines: 400 })
      const words = screen?.is === 'screen' ? screen.text.match(/w\d+/g) : null
      expect(words).toEqual(Array.from({ length: 3_000 }, (_, i) => `w${i}`))
    })

    rule('what is no key is a programming error', async () => {
      const { ref } = await start(it.programs.echo)
      for (const keys of [['hello'], ['C-'], [''], ['\u001b'], ['Enter;']])
        await expect(it.host.type(ref, { keys })).rejects.toMatchObject({ code: 'bad_request' })
      await expect(it.host.type(ref, { text: 'x', enterAfterMs: 60_000 })).rejects.toMatchObject({
        code: 'bad_request',
      })
    })

    rule('writers at once do not mix', async () => {
      const { ref } = await start(it.programs.echo, { rows: 60 })
      const words = Array.from({ length: 12 }, (_, i) => `${'ab'[i % 2]}${String(i).padStart(2, '0')}`.repeat(6))
      await Promise.all(words.map((text) => it.host.type(ref, { text, enterAfterMs: 5 })))
      // Alone on its line, but for what the terminal echoed of the next one before a slow machine answered.
      const answered = (word: string): RegExp => new RegExp(`(?<![A-Z]\\d\\d)${word.toUpperCase()} *$`, 'm')
      await vi.waitFor(
        async () => {
          const text = await textOf(ref)
          expect(words.filter((word) => answered(word).test(text))).toEqual(words)
        },
        { timeout: 45_000 },
      )
    })

    rule('one that ignores TERM is killed after the grace, and the end is told by name', async () => {
      const { ref } = await start(it.programs.stubborn)
      await shows(ref, 'ready')
      const ended = await it.host.end(ref, 200)
      expect(ended).toMatchObject({ is: 'ended', survivors: [], paneRemoved: true, death: { signal: 9 } })
      if (ended.is === 'ended') expect(ended.ended.map(({ pid }) => pid)).toContain(ref.pid)
      expect(await it.host.end(ref, 0)).toMatchObject({ is: 'refused', why: 'pane_gone' })
    })

    rule('a live view begins with the screen, goes on with output and tells the end', async () => {
      const { ref } = await start(it.programs.echo)
      await it.host.type(ref, { text: 'before', enterAfterMs: 0 })
      await shows(ref, 'BEFORE')
      const events: FollowEvent[] = []
      let [output, asked] = ['', false]
      for await (const event of it.host.follow(ref)) {
        events.push(event)
        if (event.is === 'output') output += Buffer.from(event.bytes).toString('utf8')
        if (event.is === 'screen') void it.host.type(ref, { text: 'after', enterAfterMs: 0 })
        if (!asked && output.includes('AFTER')) {
          asked = true
          void it.host.end(ref, 100)
        }
      }
      expect(events[0]).toMatchObject({ is: 'screen', screen: { text: expect.stringContaining('BEFORE') } })
      expect(events.at(-1)).toMatchObject({ is: 'over', why: expect.stringMatching(/^pane_/) })
    })

    rule('a live view ends when it is told to', async () => {
      const { ref } = await start(it.programs.echo)
      const stop = new AbortController()
      const seen: string[] = []
      for await (const event of it.host.follow(ref, stop.signal)) {
        seen.push(event.is === 'over' ? event.why : event.is)
        stop.abort()
      }
      expect(seen[0]).toBe('screen')
      expect(seen.at(-1)).toBe('stopped')
    })

    rule('a live view of what is gone says so', async () => {
      const { ref } = await start(it.programs.echo)
      const seen: string[] = []
      for await (const event of it.host.follow({ ...ref, startTicks: 1 }))
        seen.push(event.is === 'over' ? event.why : event.is)
      expect(seen).toEqual(['pane_gone'])
    })

    rule('a person gets words to attach with, to look only too', async () => {
      const { ref } = await start(it.programs.echo)
      expect(it.host.attachArgv(ref).argv.length).toBeGreaterThan(1)
      expect(it.host.attachArgv(ref, { readOnly: true }).argv).not.toEqual(it.host.attachArgv(ref).argv)
    })
  })
