// What the rows since JavaScript looked last say of their session: how many they are, the first and the last moment, and of the
// last one how full the context was and which model answered.

// Rows, first, last, context, model.
const run = memory.data(40)

/** Where it stands: five numbers of eight bytes. Writing 0 to the first begins anew. */
export function runAt(): i32 {
  return run as i32
}

export function meetRow(at: f64, context: f64, model: i32): void {
  const run = runAt()
  const rows = load<f64>(run)
  store<f64>(run, rows + 1)
  store<f64>(run, rows === 0 ? at : min(load<f64>(run, 8), at), 8)
  store<f64>(run, rows === 0 ? at : max(load<f64>(run, 16), at), 16)
  store<f64>(run, context, 24)
  store<f64>(run, model as f64, 32)
}
