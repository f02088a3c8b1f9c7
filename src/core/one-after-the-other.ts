/** Runs jobs in the order they come, each when the one before has ended, however it ended. */
export const oneAfterTheOther = (): (<T>(job: () => Promise<T>) => Promise<T>) => {
  let tail: Promise<unknown> = Promise.resolve()
  return (job) => {
    const mine = tail.then(job)
    tail = mine.catch(() => undefined)
    return mine
  }
}
