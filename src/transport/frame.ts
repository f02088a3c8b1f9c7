export { type ComposeOptions, checkAsk, composeCall, composeFrame, type ReadFrame, readFrame } from './frame-compose.ts'
export { type FrameOutput, parseFrame } from './frame-parse.ts'
export { ASK_DEFAULTS, askName, FRAME_VERSION, type Frame, type FrameSlot, type TimeoutTool } from './frame-words.ts'
