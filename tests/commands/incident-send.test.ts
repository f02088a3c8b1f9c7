import { expect, test } from 'vitest'
import type { IncidentChange } from '../../src/commands/incident-change.ts'
import { sendIncidentChange } from '../../src/commands/incident-send.ts'

const nowhere = { dataDir: '/nowhere/vc', dbFile: '/nowhere/vc/vc.duckdb', socketFile: '/nowhere/vc.sock' }
const open = { action: 'open', title: 'builds are slow', machine: null, severity: 'warning', actor: 'ada' } as const

test.each<[string, IncidentChange]>([
  ['empty_text', { ...open, title: ' ' }],
  ['empty_text', { action: 'note', id: 'i-1', body: '', actor: 'ada' }],
  ['unknown_severity', { ...open, severity: 'huge' }],
])('%s is refused before anybody is looked for, daemon or not', async (code, change) => {
  await expect(sendIncidentChange(nowhere, change)).rejects.toMatchObject({ code, exitCode: 2 })
})
