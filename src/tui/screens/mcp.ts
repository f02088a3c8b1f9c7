import { defineScreen } from '../screen.ts'
import { beside, stack, whole } from '../view/arrange.ts'
import { type McpModel, mcpAsks, mcpModel } from './mcp/model.ts'
import { serverDetail, serversPanel, unreadPanel } from './mcp/panels.ts'

const WIDE = 110

/** The MCP servers that agents are set up with; secrets stay on their machine. */
export const mcp = defineScreen<McpModel>({
  id: 'mcp',
  key: 'p',
  title: 'MCP servers',
  about: 'MCP servers of the agents: status, scope, how they are reached, names of env and headers with masked values.',
  asks: mcpAsks,
  model: mcpModel,
  panels(model, size, view) {
    const area = whole(size)
    const [list, lower] = stack(area, { part: 1, least: 6 }, size.rows >= 20 ? 11 : 7)
    const [detail, unread] = size.columns >= WIDE ? beside(lower ?? area, { part: 3 }, { part: 2 }) : [lower, undefined]
    return [
      serversPanel(model, list ?? area, view),
      serverDetail(model, detail ?? area, view),
      ...(unread === undefined ? [] : [unreadPanel(model, unread, view)]),
    ]
  },
  keys: [
    {
      keys: ['c'],
      says: 'read the settings of its machine now',
      blockedBy: ({ selected }) => (selected === null ? 'no server is chosen' : null),
      act: ({ selected }) =>
        selected === null
          ? null
          : {
              wish: 'run',
              argv: ['collect', '--collector', 'agent_config', '-m', selected.server.machine],
              title: `Settings of ${selected.server.machine}`,
            },
    },
  ],
  open: (panel, row, model) => {
    const machine = panel === 'servers' ? model.servers.find((one) => one.id === row)?.server.machine : undefined
    return machine === undefined ? null : { wish: 'go', screen: 'machine', chosen: { machines: machine } }
  },
})
