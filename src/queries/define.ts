import type * as z from 'zod'
import type { OwnConfig } from '../core/own-config.ts'
import type { FleetPlan } from '../core/plan.ts'
import type { UnloadedConfig } from '../core/unloaded-config.ts'
import type { Db } from '../store/index.ts'
import type { FleetRows } from './fleet-rows.ts'

/** What a query may look at. `at` is the moment asked about; by default `now`. */
export interface QueryContext {
  readonly db: Db
  readonly now: Date
  readonly plan: FleetPlan
  /** Nobody has the file open who takes a changed configuration in force: which machines are looked at, the plan says. */
  readonly inventoryOfPlan?: true
  /** Rows of the whole fleet that whoever owns the store keeps ready for questions about now. */
  readonly ready?: () => Promise<FleetRows>
  /** Since when whoever owns the store looks at this plan: what is older than that is late by no fault of a machine. */
  readonly lookingSince?: Date
  /** Whoever owns the store can keep nothing new at the moment; why is said beside each answer. */
  readonly keepsNothing?: () => boolean
  /** vc's own configuration, for whoever may show it. */
  readonly ownConfig?: () => OwnConfig
  /** What the configuration file says by now that whoever owns the store has not taken up. */
  readonly unloaded?: () => Promise<UnloadedConfig | null>
}

/** What a query's loader gives back, before any envelope. */
export interface Loaded<Data> {
  readonly data: Data
  /** Source name to whole seconds since it last succeeded anywhere it is due. */
  readonly staleness?: Readonly<Record<string, number>>
  readonly warnings?: readonly string[]
}

/**
 * One description, many doors: robot topic, API route, MCP tool, docs and types all come from it.
 * Fields are added, never repurposed; a new meaning is a new version.
 */
export interface Query<Params extends z.ZodType = z.ZodType, Data extends z.ZodType = z.ZodType> {
  readonly name: string
  readonly version: number
  readonly summary: string
  /** `machine` may be a comma-separated list; absent: it is one id. */
  readonly manyMachines?: boolean
  /**
   * Sources on machines that the answer rests on, none where it rests on all of a machine: their ages, and which machines are
   * out of reach or late, are said beside it. Absent: it tells of vc itself or of the past, or its loader says so.
   */
  readonly sources?: readonly string[]
  /** Parameters with which it leaves nothing out: whoever judges its rows wants all of them. Absent: it never does, or they are too many. */
  readonly whole?: Readonly<Record<string, unknown>>
  readonly params: Params
  readonly data: Data
  /** Example parameters for docs and golden tests. */
  readonly example: Readonly<Record<string, unknown>>
  load(params: z.output<Params>, ctx: QueryContext): Promise<Loaded<z.input<Data>>>
}

/** Keeps the literal types of one query. */
export const defineQuery = <Params extends z.ZodType, Data extends z.ZodType>(
  query: Query<Params, Data>,
): Query<Params, Data> => query

/** `<code>: <sentence> (<what to do>)`. */
export const warning = (code: string, sentence: string, whatToDo: string): string =>
  `${code}: ${sentence} (${whatToDo})`

/** For how many seconds somebody has been looking; null: nobody is known to look. */
export const lookingForS = ({ lookingSince, now }: Pick<QueryContext, 'lookingSince' | 'now'>): number | null =>
  lookingSince === undefined ? null : Math.max(0, (now.getTime() - lookingSince.getTime()) / 1000)
