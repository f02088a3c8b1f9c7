import { defineScreen } from '../screen.ts'
import { argvOf } from '../view/argv.ts'
import { beside, stack, whole } from '../view/arrange.ts'
import { type DoctorModel, doctorAsks, doctorModel } from './doctor/model.ts'
import { findingDetail, findingsPanel, looksPanel } from './doctor/panels.ts'

const WIDE = 110

/** What vc cannot see and why, what will be deleted, which clocks and logins are off, and what vc itself costs. */
export const doctor = defineScreen<DoctorModel>({
  id: 'doctor',
  key: 'd',
  title: 'Doctor',
  about: 'What vc cannot see and why, how to mend it, and how the collectors of every machine stand.',
  asks: doctorAsks,
  model: doctorModel,
  panels(model, size, view) {
    const area = whole(size)
    if (size.columns >= WIDE) {
      const [upper, lower] = stack(area, { part: 3, least: 6 }, { part: 2, least: 6 })
      const [looks, detail] = beside(lower ?? area, { part: 1 }, { part: 1 })
      return [
        findingsPanel(model, upper ?? area, view),
        looksPanel(model, looks ?? area, view),
        findingDetail(model, detail ?? area, view),
      ]
    }
    const [findings, detail, looks] = stack(area, { part: 2, least: 6 }, 6, size.rows >= 20 ? { part: 1, least: 5 } : 0)
    return [
      findingsPanel(model, findings ?? area, view),
      findingDetail(model, detail ?? area, view),
      ...((looks?.height ?? 0) > 0 && looks ? [looksPanel(model, looks, view)] : []),
    ]
  },
  keys: [
    {
      keys: ['x'],
      says: 'run what mends the chosen finding',
      blockedBy: ({ selected }) =>
        selected === null
          ? 'no finding is chosen'
          : argvOf(selected.finding.fix) === null
            ? 'nothing vc can run mends it'
            : null,
      act({ selected }) {
        const argv = argvOf(selected?.finding.fix ?? null)
        return selected === null || argv === null ? null : { wish: 'run', argv, title: selected.finding.says }
      },
    },
    {
      keys: ['D'],
      says: 'the whole doctor, this machine and vc.toml too',
      act: () => ({ wish: 'run', argv: ['doctor'], title: 'vc doctor' }),
    },
  ],
  open: (panel, row, model) => {
    if (panel === 'machines') return { wish: 'go', screen: 'machine', chosen: { machines: row } }
    const finding = model.findings.find((one) => one.id === row)?.finding
    if (panel !== 'findings' || finding === undefined) return null
    if (finding.machine !== null) return { wish: 'go', screen: 'machine', chosen: { machines: finding.machine } }
    return { wish: 'detail', title: finding.topic, text: [finding.says, finding.fix ?? ''].join('\n\n').trim() }
  },
})
