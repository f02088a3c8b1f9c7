/** `1 issue is`, `3 issues are`: a count with the words that go with it. */
export const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`
