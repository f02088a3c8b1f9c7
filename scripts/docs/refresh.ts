/** What brings every generated page up to date; tests print it when one is stale. */
export const REFRESH = 'npm run docs'
