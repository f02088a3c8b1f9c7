import type { CollectContext } from '../../core/collector.ts'
import { displayText } from '../../core/text.ts'
import type { TranscriptSource } from './source.ts'
import type { TickOutcome } from './tick-outcome.ts'

const NEXT_STEPS: Readonly<Record<string, readonly [sentence: string, fix: string]>> = {
  malformed_line: ['lines are damaged JSON and were not counted', 'nothing to do unless the number grows'],
  line_too_long: ['lines are longer than 64 MiB and were not counted', 'look at what wrote them'],
  file_too_large: ['files are larger than 256 MiB and were not read', 'look at what wrote them'],
  time_missing: ['messages carry no time and were dated by their neighbours', 'nothing to do'],
  tokens_implausible: ['messages claim more than a billion tokens and were not counted', 'look at what wrote them'],
  foreign_file: ['files are not transcripts of this CLI', 'move them away'],
  zstd_not_available: ['compressed transcripts were not read', 'run vc on Node 22.15 or newer, or install zstd there'],
  zstd_damaged: ['compressed transcripts are damaged and were read in part', 'look at the files'],
  link: ['transcripts are symbolic links and were not followed', 'name their real home in collectors.<name>.homes'],
  not_regular: ['names look like transcripts but are no regular files', 'nothing to do'],
  denied: ['files or folders may not be read', 'give vc permission, or leave them out'],
  foreign_owner: ['files belong to another user than their home and were not opened', 'look at who put them there'],
  foreign_home: [
    'homes of other users were not read: a link, or a folder that is not theirs, leads there',
    'name their real folder in collectors.<name>.homes',
  ],
  needs_root: [
    "wish to read other users' homes was not met: only root may",
    'run vc as root there, or unset other_users',
  ],
  name_unsafe: ['file names hold line breaks or are not UTF-8 and were not read', 'rename them'],
}

// Each look says it again, not only the one that met the file: nothing of it is in any sum.
const warnUtf16 = (ctx: CollectContext, source: TranscriptSource, tick: TickOutcome): void => {
  const files = new Map([
    ...tick.cursors,
    ...tick.scans.flatMap((scan) => scan.files).map((f) => [f.path, f.cursor] as const),
  ])
  for (const path of [...tick.vanished, ...tick.moved.keys()]) files.delete(path)
  const paths = [...files].filter(([, cursor]) => cursor.utf16 === true).map(([path]) => path)
  const [first] = paths
  if (first === undefined) return
  const many = paths.length === 1 ? 'one transcript is' : `${paths.length} transcripts are`
  ctx.warn(
    'utf16',
    `${source.name}: ${many} UTF-16 and not counted: ${displayText(first, 300)}${paths.length > 1 ? ', …' : ''}`,
    'write it anew as UTF-8 (iconv -f UTF-16 -t UTF-8), or move it away',
  )
}

/** One warning per kind of trouble, with how often. */
export const warnTroubles = (ctx: CollectContext, source: TranscriptSource, tick: TickOutcome): void => {
  const counts: Record<string, number> = { ...tick.refused }
  for (const scan of tick.scans)
    for (const [kind, count] of Object.entries(scan.trouble)) counts[kind] = (counts[kind] ?? 0) + count
  for (const [kind, count] of Object.entries(counts)) {
    const [sentence, fix] = NEXT_STEPS[kind.replace(/^unreadable_/, '')] ?? [
      'items could not be read',
      'look at the files',
    ]
    ctx.warn(kind, `${source.name}: ${count} ${sentence}`, fix)
  }
  warnUtf16(ctx, source, tick)
  for (const home of tick.missing)
    ctx.warn(
      'home_missing',
      `${displayText(home, 200)} is no folder that can be read, so what was written there is not counted`,
      `mount it or give vc permission, or take it out of collectors.${source.name}.homes`,
    )
}
