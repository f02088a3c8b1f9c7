import { readdirSync, readFileSync } from 'node:fs'
import type { AgentCli } from '../../../src/core/agent.ts'

export interface RecordedScreen {
  readonly name: string
  readonly cli: AgentCli
  readonly screen: string
  readonly title: string
  readonly currentCommand: string
}

const ROOT = new URL('../../fixtures/screens/', import.meta.url)

export const recordedScreens = (): readonly RecordedScreen[] =>
  readdirSync(ROOT).flatMap((folder) =>
    readdirSync(new URL(`${folder}/`, ROOT))
      .filter((name) => name.endsWith('.txt'))
      .map((name) => {
        const read = (file: string): string => readFileSync(new URL(`${folder}/${file}`, ROOT), 'utf8')
        const pane = JSON.parse(read(name.replace('.txt', '.pane.json'))) as {
          pane_title: string
          pane_current_command: string
        }
        const cli = (folder.split('-')[0] ?? 'other') as AgentCli
        return {
          name: `${folder}/${name.replace('.txt', '')}`,
          cli,
          screen: read(name),
          title: pane.pane_title,
          currentCommand: pane.pane_current_command,
        }
      }),
  )

/** What the recording's name and contract page say was going on; `null`: the screen alone cannot tell. */
export const SCREEN_TRUTH: Readonly<Record<string, string | null>> = {
  'claude-2.1.197/approval': 'needs_approval',
  'claude-2.1.197/working': 'working',
  'claude-2.1.329/01-first-start': 'dead',
  'claude-2.1.329/02-trust-dialog': 'needs_approval',
  'claude-2.1.329/03-api-key-dialog': 'needs_approval',
  'claude-2.1.329/04-idle': 'idle',
  'claude-2.1.329/05-typed': 'idle',
  'claude-2.1.329/06-working-streaming': 'working',
  'claude-2.1.329/07-idle-after-turn': 'turn_finished',
  'claude-2.1.329/08-approval': 'needs_approval',
  'claude-2.1.329/09-after-esc-reject': 'idle',
  'claude-2.1.329/09-after-no-4': 'idle',
  'claude-2.1.329/10-interrupted': 'idle',
  'claude-2.1.329/11-api-error-401': 'failed',
  'claude-2.1.329/11-api-error-429': 'rate_limited',
  'claude-2.1.329/11-api-error-500': 'failed',
  'claude-2.1.329/11-api-error-529': 'failed',
  'claude-2.1.329/11-api-error-context': 'failed',
  'claude-2.1.329/11-api-error-quota': 'rate_limited',
  'claude-2.1.329/12-retrying-429': 'rate_limited',
  'claude-2.1.329/12-retrying-529': 'working',
  'claude-2.1.329/13-after-compact': 'idle',
  'claude-2.1.329/13-context-limit': 'failed',
  'claude-2.1.329/14-subagent-running': 'working',
  'claude-2.1.329/14-subagent': 'turn_finished',
  'claude-2.1.329/15-after-exit': 'dead',
  'claude-2.1.329/16-subscription-limit': 'rate_limited',
  'claude-2.1.329/17-limit-warning-93pct': 'turn_finished',
  'claude-2.1.329/18-after-thinking': 'turn_finished',
  // Only the process table knows of a kill -9.
  'claude-2.1.329/19-after-kill9': null,
  'claude-2.1.330/01-menu-model': 'unknown',
  'claude-2.1.330/02-menu-theme': 'unknown',
  'claude-2.1.330/03-menu-config': 'unknown',
  'claude-2.1.330/04-menu-status': 'unknown',
  'claude-2.1.330/05-plan': 'needs_approval',
  'claude-2.1.330/06-approval-of-subagent': 'needs_approval',
  'codex-0.169.0/01-hooks-review-dialog': 'needs_approval',
  'codex-0.169.0/01-trust-dialog': 'needs_approval',
  'codex-0.169.0/02-idle': 'idle',
  'codex-0.169.0/03-working-waiting-model': 'working',
  // Streaming text has no busy line: only the title tells.
  'codex-0.169.0/03-working': null,
  'codex-0.169.0/04-idle-after-turn': 'turn_finished',
  'codex-0.169.0/05-approval': 'needs_approval',
  'codex-0.169.0/06-after-reject': 'idle',
  'codex-0.169.0/07-interrupted': 'idle',
  'codex-0.169.0/08-error-401': 'failed',
  'codex-0.169.0/08-error-429': 'failed',
  // Named after what came next: it shows the usage limit at rest.
  'codex-0.169.0/08-error-500-retrying': 'rate_limited',
  'codex-0.169.0/08-error-500': 'failed',
  'codex-0.169.0/08-error-503': 'failed',
  'codex-0.169.0/08-error-context': 'failed',
  'codex-0.169.0/08-error-stream-drop-retrying': 'working',
  'codex-0.169.0/08-error-usage-limit': 'rate_limited',
  'codex-0.169.0/09-after-compact': 'turn_finished',
  'codex-0.169.0/10-after-exit': 'dead',
  'codex-0.169.0/11-status-screen': 'idle',
  'codex-0.169.0/12-menu-model': 'unknown',
  'codex-0.169.0/13-menu-permissions': 'unknown',
  'gemini-0.61.0/01-trust-dialog': 'needs_approval',
  'gemini-0.61.0/02-idle': 'idle',
  'gemini-0.61.0/03-working': 'working',
  'gemini-0.61.0/04-idle-after-turn': 'turn_finished',
  'gemini-0.61.0/05-approval': 'needs_approval',
  'gemini-0.61.0/06-after-reject': 'idle',
  'gemini-0.61.0/07-interrupted': 'idle',
  'gemini-0.61.0/08-error-401': 'failed',
  'gemini-0.61.0/08-error-context': 'failed',
  'gemini-0.61.0/08-error-quota': 'rate_limited',
  // Silent retries look like thinking, to a person too.
  'gemini-0.61.0/09-retrying-429': 'working',
  'gemini-0.61.0/09-retrying-500': 'working',
  'gemini-0.61.0/10-after-exit': 'dead',
  // A terminal of 256 colours: rows with a background instead of half-block bars.
  'gemini-0.61.0/11-no-bars-answered-typed': 'turn_finished',
  'gemini-0.61.0/11-no-bars-failed': 'failed',
  'gemini-0.61.0/11-no-bars-typed': 'idle',
  'gemini-0.61.0/11-no-bars-working-typed': 'working',
  'gemini-0.61.0/12-menu-model': 'unknown',
  // Under a title that says Ready.
  'gemini-0.61.0/13-compressing': 'working',
  'opencode-1.18.33/01-idle-start': 'idle',
  'opencode-1.18.33/02-working': 'working',
  'opencode-1.18.33/03-idle-after-turn': 'turn_finished',
  'opencode-1.18.33/04-approval': 'needs_approval',
  'opencode-1.18.33/05-after-reject': 'idle',
  'opencode-1.18.33/05-reject-dialog': 'idle',
  'opencode-1.18.33/06-esc-once': 'working',
  'opencode-1.18.33/06-interrupted': 'idle',
  'opencode-1.18.33/07-error-401': 'failed',
  'opencode-1.18.33/07-error-context': 'turn_finished',
  'opencode-1.18.33/07-error-quota': 'rate_limited',
  'opencode-1.18.33/07-retrying-429': 'rate_limited',
  'opencode-1.18.33/07-retrying-500': 'rate_limited',
  'opencode-1.18.33/08-subagent': 'turn_finished',
  'opencode-1.18.33/09-after-exit': 'dead',
  'opencode-1.18.33/10-killed-and-resumed': 'idle',
}
