/**
 * Node's own client for addresses of `https:`, or of `http:`. Not imported by name: an import reads every export of a built-in
 * module, and one of those of node:http is all of undici, 40 ms of each start.
 */
export const requestOf = (protocol: string): typeof import('node:http').request =>
  process.getBuiltinModule(protocol === 'https:' ? 'node:https' : 'node:http').request
