export { readCodexSocket, readCodexThreads, type ThreadSighting } from './codex-threads.ts'
export { OPENCODE_LOG_NEEDLES, type OpencodeRun, readOpencodeLog } from './opencode-log.ts'
export { type OpencodeAnswers, readOpencodeServer } from './opencode-server.ts'
export { cliOfProcess, readProcesses, type SeenProcess } from './processes.ts'
export {
  type ClaudeRegistration,
  isLiveRegistration,
  readClaudeRegistration,
  readClaudeRegistry,
} from './registry-claude.ts'
export { readTitle, type TitleContext } from './title.ts'
export { CLAUDE_STATE_NEEDLES, claudeStateMatters, readClaudeTail } from './transcript-claude.ts'
export { CODEX_STATE_NEEDLES, codexStateMatters, readCodexTail } from './transcript-codex.ts'
export { GEMINI_STATE_NEEDLES, geminiStateMatters, readGeminiTail } from './transcript-gemini.ts'
export { readOpencodeRows, readOpencodeTail } from './transcript-opencode.ts'
