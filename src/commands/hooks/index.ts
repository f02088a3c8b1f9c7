export { applyHooks, type HookEffect } from './apply.ts'
export { type HookChange, type HookVerb, planHooks } from './plan.ts'
export { type HookReport, verifyHooks } from './verify.ts'
