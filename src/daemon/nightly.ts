/**
 * How the work of a night is scheduled (node-cron). Laptops sleep at that hour: what they slept through is done once, when
 * they wake; without the tolerance it would wait for a night that is awake. All of it starts together then.
 */
export const NIGHTLY = { timezone: 'UTC', noOverlap: true, missedExecutionTolerance: 86_400_000 } as const
