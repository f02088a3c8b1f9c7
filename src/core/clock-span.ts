/** Minutes of the local day from which and until which something holds; it may pass midnight. */
export interface ClockSpan {
  readonly from: number
  readonly until: number
}

const minutes = (text: string): number | null => {
  const match = /^(\d{1,2}):(\d{2})$/.exec(text.trim())
  const [hour, minute] = [Number(match?.[1]), Number(match?.[2])]
  return match !== null && hour <= 24 && minute <= 59 && hour * 60 + minute <= 1440 ? hour * 60 + minute : null
}

/** `22:00-07:00`; null for anything else. */
export const readClockSpan = (text: string): ClockSpan | null => {
  const [first, last, more] = text.split('-')
  const [from, until] = [minutes(first ?? ''), minutes(last ?? '')]
  return from === null || until === null || more !== undefined || from === until ? null : { from, until }
}

/** Whether a minute of the local day (0-1439) lies in it; the end does not. */
export const inClockSpan = ({ from, until }: ClockSpan, minute: number): boolean =>
  from < until ? minute >= from && minute < until : minute >= from || minute < until
