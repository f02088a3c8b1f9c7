// The one form in which the CLIs write a moment, `2026-01-31T23:59:59.999Z`, in milliseconds; all others are for JavaScript.
import { byte, isDigit } from './bytes'
import { ASCII, endOf, kindOf, startOf, use } from './fields'

const LENGTH: i32 = 24
// What stands between the numbers, each with its place.
const MARKS = '0000-00-00T00:00:00.000Z'
const DAY_MS: f64 = 86_400_000

/** The moment in a slot of the record read last; NaN where JavaScript has to say what it means. */
export function momentAt(reader: i32, slot: i32): f64 {
  use(reader)
  const at = startOf(slot)
  if (kindOf(slot) !== ASCII || endOf(slot) - at !== LENGTH || !isWritten(at)) return NaN
  const year = number(at, 4)
  const month = number(at + 5, 2)
  const day = number(at + 8, 2)
  const hour = number(at + 11, 2)
  const minute = number(at + 14, 2)
  const second = number(at + 17, 2)
  if (year < 2000 || year > 2099 || hour > 23 || minute > 59 || second > 59) return NaN
  if (month < 1 || month > 12 || day < 1 || day > daysOf(year, month)) return NaN
  const seconds = (hour * 60 + minute) * 60 + second
  return (daysBefore(year, month, day) as f64) * DAY_MS + ((seconds * 1000 + number(at + 20, 3)) as f64)
}

/** Digits and marks where they belong. */
function isWritten(at: i32): bool {
  for (let i = 0; i < LENGTH; i += 1) {
    const mark = MARKS.charCodeAt(i) as u32
    if (mark === 48 ? !isDigit(at + i) : byte(at + i) !== mark) return false
  }
  return true
}

function number(at: i32, digits: i32): i32 {
  let value = 0
  for (let i = at; i < at + digits; i += 1) value = value * 10 + (byte(i) as i32) - 48
  return value
}

function isLeap(year: i32): bool {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
}

function daysOf(year: i32, month: i32): i32 {
  if (month === 2) return isLeap(year) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

/** Days from the first of 1970, as the Gregorian calendar counts them in years that begin in March. */
function daysBefore(year: i32, month: i32, day: i32): i32 {
  const years = month > 2 ? year : year - 1
  const months = month > 2 ? month - 3 : month + 9
  const leaps = years / 4 - years / 100 + years / 400
  return years * 365 + leaps + (153 * months + 2) / 5 + day - 1 - 719_468
}
