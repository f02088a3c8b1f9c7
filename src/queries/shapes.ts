import * as z from 'zod'
import { AGENT_STATES } from '../core/agent.ts'

/** Shapes that several topics share. */
export const isoTime = z.string().describe('RFC 3339 UTC')
export const unit = z.number().min(0).max(1)
export const pct = z.number().min(0).max(100)
export const count = z.number().int().min(0)
export const tokens = z.number().int().min(0).describe('tokens')
export const microusd = z.number().int().describe('US dollars × 1,000,000; API-equivalent')

export const severityCounts = z.strictObject({ critical: count, warning: count, info: count })
export const machineStatus = z.enum(['online', 'degraded', 'offline', 'unknown'])
export const agentState = z.enum(AGENT_STATES)
export const agentCounts = z.record(z.string(), count).describe('agents by state')
