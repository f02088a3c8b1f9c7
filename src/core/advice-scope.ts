/** The machine a scope of triage names: `machine:borg`, or `agent:borg/claude-7k2m`; null: it is about more than one. */
export const machineOfScope = (scope: string): string | null => {
  const [kind, id = ''] = [scope.slice(0, scope.indexOf(':')), scope.slice(scope.indexOf(':') + 1)]
  if (kind === 'machine') return id
  return kind === 'agent' ? (id.split('/')[0] ?? null) : null
}
