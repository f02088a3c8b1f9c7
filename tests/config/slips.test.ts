import { expect, test } from 'vitest'
import { configExample, parseConfig } from '../../src/config/index.ts'

const ATLAS = '[[machines]]\nid = "atlas"\n'

/** A file that is no TOML: its line, its key, what is said of it, and what to do. */
type Case = readonly [text: string, line: number, key: string, says: string, fix: string]

const TEXTS: readonly Case[] = [
  ['[vc]\nlog_level = info', 2, 'vc.log_level', 'a text stands in quotes', 'write: log_level = "info"'],
  ['[vc]\nlog_level = inf0 # x', 2, 'vc.log_level', 'a text stands in quotes', 'write: log_level = "info"'],
  ['[vc]\nlog_level = loud', 2, 'vc.log_level', 'a text stands in quotes', 'for example: log_level = "info" (one of "debug", "info", "warn", "error")'],
  ['[vc]\ndata_dir = ~/vc # mine', 2, 'vc.data_dir', 'a text stands in quotes', 'write: data_dir = "~/vc"'],
  [`${ATLAS}ssh = ann@atlas:22`, 3, 'machines.atlas.ssh', 'a text stands in quotes', 'write: ssh = "ann@atlas:22"'],
  ['[alerts]\nquiet_hours = 22:00-07:00', 2, 'alerts.quiet_hours', 'a text stands in quotes', 'write: quiet_hours = "22:00-07:00"'],
  ['[vc]\nlog_level = “info”', 2, 'vc.log_level', 'its quotes are not straight ones (" or \')', 'write: log_level = "info"'],
  ['[vc]\nlog_level = `info`', 2, 'vc.log_level', 'its quotes are not straight ones (" or \')', 'write: log_level = "info"'],
  ['[vc]\nlog_level = "info\n', 2, 'vc.log_level', 'the " at its end is missing', 'write: log_level = "info"'],
  ['[vc]\nlog_level = "info', 2, 'vc.log_level', 'the " at its end is missing', 'write: log_level = "info"'],
  ["[vc]\nlog_level = 'info\"\n", 2, 'vc.log_level', "the ' at its end is missing", 'write: log_level = "info"'],
  ['[vc]\nlog_level = info"', 2, 'vc.log_level', 'the quote at its beginning is missing', 'write: log_level = "info"'],
  ['[vc]\ndata_dir = """\n/srv/vc\n', 2, 'vc.data_dir', 'its text is not closed', 'put """ at its end'],
  ['[vc]\ndata_dir = "a "b" c"', 2, 'vc.data_dir', 'its text holds the " that it stands in', 'write: data_dir = "a \\"b\\" c"'],
  ["[[rules]]\nwhen = 'status == 'offline''", 2, 'rules[1].when', "its text holds the ' that it stands in", 'write: when = "status == \'offline\'"'],
  ['[vc]\ndata_dir = "C:\\vc\\data"', 2, 'vc.data_dir', 'a \\ in a text begins an escape, and this is none', "write: data_dir = 'C:\\vc\\data'"],
  ['[vc]\ndata_dir = "a\u0007b"', 2, 'vc.data_dir', 'a character that nobody sees stands there: U+0007', 'delete it, or type the line anew'],
] // biome-ignore format: a table

const VALUES: readonly Case[] = [
  ['[vc]\ndata_dir =\n', 2, 'vc.data_dir', 'it has no value', 'for example: data_dir = "…"'],
  ['[vc]\ndata_dir = null', 2, 'vc.data_dir', 'TOML has no null', 'take the line out: a key that is not there is unset'],
  ['[store]\nlow_resource = True', 2, 'store.low_resource', 'true and false are written in small letters', 'write: low_resource = true'],
  ['[store]\nlow_resource = off', 2, 'store.low_resource', 'it is true or false', 'write: low_resource = false'],
  ['[store]\nthreads = 08', 2, 'store.threads', 'it is a whole number from 1 to 64, without unit and separators', 'write: threads = 8'],
  ['[polling]\nmax_connections = 1,000', 2, 'polling.max_connections', 'it is a whole number from 1 to 10000, without unit and separators', 'write: max_connections = 1000'],
  ['[polling]\nretry_min_seconds = 5m', 2, 'polling.retry_min_seconds', 'it is a whole number from 1 to 3600, without unit and separators', 'for example: retry_min_seconds = 5'],
  ['[alerts]\ndaily_budget_usd = $50', 2, 'alerts.daily_budget_usd', 'it is a number from 0 to 1000000, without unit and separators', 'write: daily_budget_usd = 50'],
  ['x = 007', 1, 'x', 'a number does not begin with 0', 'write: x = 7'],
  ['[vc]\ndata_dir == "/srv"', 2, 'vc.data_dir', 'one = stands between key and value', 'write: data_dir = "/srv"'],
  ['[vc]\ndata_dir = "/srv";', 2, 'vc.data_dir', '; stands behind its value', 'write: data_dir = "/srv"'],
  ['[vc]\ndata_dir = "/srv",', 2, 'vc.data_dir', ', stands behind its value', 'write: data_dir = "/srv"'],
  ['[vc]\nlog_level = "info"]', 2, 'vc.log_level', '] stands behind its value', 'write: log_level = "info"'],
  ['[vc]\ndata_dir = "/srv" // mine', 2, 'vc.data_dir', 'a comment begins with #', 'write: data_dir = "/srv"  # mine'],
  ['[vc]\nlog_keep = 5, log_level = "info"', 2, 'vc.log_keep', 'two keys stand on one line', 'put log_level = "info" on a line of its own'],
] // biome-ignore format: a table

const LISTS: readonly Case[] = [
  [`${ATLAS}tags = ["gpu", "cpu"\nssh = "a"`, 3, 'machines.atlas.tags', 'its list is not closed', 'write: tags = ["gpu", "cpu"]'],
  [`${ATLAS}tags = ["gpu",\n[polling]\n`, 3, 'machines.atlas.tags', 'its list is not closed', 'write: tags = ["gpu"]'],
  [`${ATLAS}tags = [\n  "gpu",\n  "cpu",\nssh = "a"`, 3, 'machines.atlas.tags', 'its list is not closed', 'put ] behind the last value of the list'],
  [`${ATLAS}tags = ["gpu" "cpu"]`, 3, 'machines.atlas.tags', 'a comma is missing in its list', 'write: tags = ["gpu", "cpu"]'],
  [`${ATLAS}tags = [\n  "gpu"\n  "cpu"\n]`, 5, 'machines.atlas.tags', 'a comma is missing in its list', 'put a comma between each two values of the list'],
  [`${ATLAS}tags = ["gpu",, "cpu"]`, 3, 'machines.atlas.tags', 'its list has a comma too many', 'write: tags = ["gpu", "cpu"]'],
  [`${ATLAS}tags = [gpu, info]`, 3, 'machines.atlas.tags', 'a text in its list stands without quotes', 'write: tags = ["gpu", "info"]'],
  [`${ATLAS}tags = ["gpu, "cpu"]`, 3, 'machines.atlas.tags', 'a quote is missing in its list', 'write: tags = ["gpu", "cpu"]'],
  [`${ATLAS}tags = [“gpu”]`, 3, 'machines.atlas.tags', 'its quotes are not straight ones (" or \')', 'write: tags = ["gpu"]'],
  [`${ATLAS}tags = ["gpu")`, 3, 'machines.atlas.tags', 'its list ends with )', 'write: tags = ["gpu"]'],
  [`${ATLAS}tags = ["gpu"]]`, 3, 'machines.atlas.tags', '] stands behind its value', 'write: tags = ["gpu"]'],
  [`${ATLAS}tags = gpu, cpu`, 3, 'machines.atlas.tags', 'a list stands in [ ]', 'write: tags = ["gpu", "cpu"]'],
  [`${ATLAS}tags = {"gpu"}`, 3, 'machines.atlas.tags', 'a list stands in [ ]', 'write: tags = ["gpu"]'],
  ['polling = { retry_min_seconds = 3', 1, 'polling', 'its { is not closed', 'put } behind the last value'],
  ['polling = { retry_min_seconds: 3 }', 1, 'polling', 'a key in { } is joined to its value by = and not by :', 'write { key = 1, other = "text" }, or a section of its own'],
  ['polling = { a = 3 b = 4 }', 1, 'polling', 'a comma is missing in its { }', 'write { key = 1, other = "text" }, or a section of its own'],
  ['polling = { a = info }', 1, 'polling', 'what stands in its { } cannot be read', 'write { key = 1, other = "text" }, or a section of its own'],
  ['polling = { a = 3, a = 4 }', 1, 'polling', 'a stands twice in its { }', 'keep one of the two'],
] // biome-ignore format: a table

const KEYS: readonly Case[] = [
  ['[vc]\nlog_keep = 5\nlog_keep = 6', 3, 'vc.log_keep', 'it stands in line 2 already', 'keep one of the two lines'],
  [`${ATLAS}ssh = "a"\n\nid = "borg"`, 5, 'machines.atlas.id', 'it stands in line 2 already', 'keep one of the two lines'],
  ['[vc]\nlog_level: info', 2, 'vc.log_level', 'one = stands between key and value', 'write: log_level = "info"'],
  ['[vc]\n"log_level": "info",', 2, 'vc.log_level', 'one = stands between key and value', 'write: log_level = "info"'],
  ['[vc]\nlog_level := "info"', 2, 'vc.log_level', 'one = stands between key and value', 'write: log_level = "info"'],
  ['[vc]\nlog_level "info"', 2, 'vc.log_level', 'the = between key and value is missing', 'write: log_level = "info"'],
  ['[vc]\nlog_keep\n', 2, 'vc.log_keep', 'it has no value', 'for example: log_keep = 5'],
  ['[vc]\nexport log_keep=5', 2, 'vc.log_keep', 'export belongs to a shell', 'write: log_keep = 5'],
  ['[vc]\nlog keep = 5', 2, 'vc.log_keep', 'its key is not written as log_keep', 'write: log_keep = 5'],
  ['[vc]\nlög_keep = 5', 2, 'vc.log_keep', 'its key is not written as log_keep', 'write: log_keep = 5'],
  ['[engine.models]\ncodex/opus = "x"', 2, 'engine.models."codex/opus"', 'its key needs quotes', 'write: "codex/opus" = "x"'],
  ['[vc]\nlog_keep\u00a0= 5', 2, 'vc.log_keep', 'a character that nobody sees stands there: U+00A0', 'delete it, or type the line anew'],
  ['[vc]\n= 5', 2, 'vc', 'no key stands before the =', 'known: data_dir, db_path, log_level, log_max_mb, log_keep'],
  ['[vc]\nlog..keep = 5', 2, 'vc', 'its key has a dot too many', 'one dot between two names'],
  ['[vc]\nsome words', 2, 'vc', 'the line is no key with a value', 'write key = value, or # before what is a comment'],
  ['[vc]\n- info', 2, 'vc', 'a list in lines belongs to YAML', 'write key = ["a", "b"], and a block per machine: [[machines]]'],
  ['[vc]\nlog_keep = 5\n}', 3, 'vc', '} closes nothing', 'take it out, or look for its beginning in the lines above'],
  ['// mine', 1, '', 'a comment begins with #', 'write: # mine'],
  ['{\n  "vc": {}\n}', 1, '', 'this is JSON', 'write TOML; an example: vc config init --print'],
  ['[vc]\n<<<<<<< HEAD\nlog_keep = 5', 2, 'vc', 'a mark of a merge that was not finished', 'keep one of the two sides, and take the marks out'],
  ['# mine\r[vc]\rlog_keep = 5\r', 1, '', 'its lines end as on an old Mac (CR alone)', 'save it with line ends of Unix (LF)'],
] // biome-ignore format: a table

const HEADERS: readonly Case[] = [
  ['[polling\nretry_min_seconds = 3', 1, 'polling', 'the brackets of its header do not match', 'write: [polling]'],
  ['[[machines]\nid = "a"', 1, 'machines', 'the brackets of its header do not match', 'write: [[machines]]'],
  ['polling]\nretry_min_seconds = 3', 1, '', 'the brackets of a header do not match', 'write: [polling]'],
  ['machines:', 1, 'machines', 'the header of a section stands in brackets', 'write: [[machines]]'],
  ['polling {\n}', 1, 'polling', 'the header of a section stands in brackets', 'write: [polling]'],
  ['[polling] retry_min_seconds = 3', 1, 'polling', 'nothing stands behind a header', 'put retry_min_seconds = 3 on a line of its own'],
  ['[prices.openai/gpt-5]\n', 1, '', 'a name in its header needs quotes', 'write: [prices."openai/gpt-5"]'],
  ['[my machines]', 1, '', 'a section has no such name', "did you mean 'machines'?"],
  ['[vc]\n\n[vc]', 3, 'vc', 'its section stands in line 1 already', 'put its keys below the header in line 1, and take this one out'],
  [`${ATLAS}[machines]\nid = "b"`, 3, 'machines', 'its header has two brackets, as in line 1', 'write: [[machines]]'],
  [`${ATLAS}[machines.collectors.probe]\n[machines.collectors.probe]`, 4, 'machines.collectors.probe', 'its section stands in line 3 already', 'put its keys below the header in line 3, and take this one out'],
  ['machines = 3\n[[machines]]', 2, 'machines', 'it stands in line 1 already', 'keep one of the two'],
] // biome-ignore format: a table

const ALL = [...TEXTS, ...VALUES, ...LISTS, ...KEYS, ...HEADERS]

test.each(ALL)('%j is told with its place, its key and what to write', (text, line, key, says, fix) => {
  const [problem, ...more] = parseConfig(text, 'vc.toml').problems
  expect(more).toEqual([])
  expect(problem).toMatchObject({ severity: 'error', code: 'toml_syntax', line, key, fix })
  expect(problem?.message).toMatch(/^(?:\S+ is not valid TOML|not valid TOML(?: in \[\S+\])?): .* \(column \d+\)$/)
  expect(problem?.message).toContain(`: ${says} (column `)
})

test('with the same slips below Windows line ends the same is told', () => {
  for (const [text, line, key, says, fix] of ALL.filter(([text]) => !/\r|"$|missing/.test(text)))
    expect(parseConfig(`${text.replaceAll('\n', '\r\n')}\r\n`, 'vc.toml').problems).toMatchObject([
      { line, key, fix, message: expect.stringContaining(`: ${says} (`) },
    ])
})

test('what is said to be written is valid there', () => {
  const mended = ALL.flatMap(([text, line, , , fix]) => {
    const [, literal] = /^write: (.*)$/.exec(fix) ?? []
    return literal === undefined ? [] : [text.split('\n').with(line - 1, literal)]
  })
  expect(mended.length).toBeGreaterThan(45)
  // The line behind a header that was YAML goes on being that.
  for (const lines of mended.filter((each) => !each.includes('}')))
    expect([lines, parseConfig(lines.join('\n'), 'f').problems.filter(({ code }) => code === 'toml_syntax')]).toEqual([
      lines,
      [],
    ])
})

test('what nobody thought of is told in the words of the parser, with the key and an example to look at', () => {
  expect(parseConfig(`[vc]\ndata_dir = ${'['.repeat(1200)}`, 'f').problems).toMatchObject([
    {
      key: 'vc.data_dir',
      message: expect.stringContaining('excessively nested structures'),
      fix: expect.stringContaining('vc config init --print'),
    },
  ])
})

test('a slip deep in a long file is found in its line and table', () => {
  const lines = configExample()
    .replace(/^#(?=\S)/gm, '')
    .split('\n')
  const at = lines.indexOf('[engine]') + 2
  const [problem] = parseConfig(lines.with(at, 'max_agents_per_machine = twenty').join('\n'), 'f').problems
  expect(problem).toMatchObject({ line: at + 1, key: 'engine.max_agents_per_machine' })
})

test('what may be a secret is not repeated', () => {
  for (const value of [
    'https://hooks/T0/s3cr3t',
    '"https://hooks/s3cr3t" // x',
    '"https://"s3cr3t"',
    '"a\\s3cr3t"',
    '"s3cr3t;',
  ])
    for (const { message, fix } of parseConfig(`[[alerts.channels]]\nurl = ${value}`, 'f').problems)
      expect(`${message} ${fix}`).not.toContain('s3cr3t')
})

test('a very long line costs one short sentence', () => {
  const [problem] = parseConfig(`[vc]\ndata_dir = x${' '.repeat(300_000)}y`, 'f').problems
  expect(problem?.key).toBe('vc.data_dir')
  expect(`${problem?.message}${problem?.fix}`.length).toBeLessThan(300)
})
