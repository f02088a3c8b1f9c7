// Names of models that were met, by the numbers JavaScript knows them by: half of all messages name another one than that before.
import { equal } from './bytes'
import { ASCII, endOf, kindOf, startOf, use } from './fields'

const MOST: i32 = 64
const NAME_BYTES: i32 = 124

// Each name with its length before it.
const names = memory.data(8192)
let count: i32 = 0
let last: i32 = 0

/** Number of the model whose plain name is in a slot; -1: it has none yet. */
export function modelIn(slot: i32): i32 {
  if (kindOf(slot) !== ASCII) return -1
  const size = endOf(slot) - startOf(slot)
  if (last < count && isNamed(last, startOf(slot), size)) return last
  for (let model = 0; model < count; model += 1) {
    if (!isNamed(model, startOf(slot), size)) continue
    last = model
    return model
  }
  return -1
}

/** Gives the model in a slot of the record read last the next number, or -1: there are too many, or its name is too long. */
export function nameModel(reader: i32, slot: i32): i32 {
  use(reader)
  const size = endOf(slot) - startOf(slot)
  if (kindOf(slot) !== ASCII || count >= MOST || size > NAME_BYTES) return -1
  const at = names + count * (NAME_BYTES + 4)
  store<i32>(at, size)
  memory.copy(at + 4, startOf(slot), size)
  count += 1
  return count - 1
}

function isNamed(model: i32, start: i32, size: i32): bool {
  const at = names + model * (NAME_BYTES + 4)
  return load<i32>(at) === size && equal(at + 4, start, size)
}
