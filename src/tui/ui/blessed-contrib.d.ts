// What of blessed-contrib's line chart is used; the package brings no types.
declare module 'blessed-contrib/lib/widget/charts/line.js' {
  import type { Widgets } from 'blessed'

  interface LineOptions {
    readonly screen: Widgets.Screen
    readonly width: number
    readonly height: number
    readonly minY: number
    readonly maxY: number
    readonly abbreviate: boolean
    readonly xPadding: number
    readonly xLabelPadding: number
    readonly numYLabels: number
    readonly showLegend: boolean
    readonly style: { readonly line: number; readonly text: number; readonly baseline: number }
  }
  interface Series {
    readonly title: string
    readonly x: readonly string[]
    readonly y: readonly number[]
    readonly style: { readonly line: number }
  }
  interface LineChart {
    emit(event: 'attach'): boolean
    setData(series: readonly Series[]): void
    readonly ctx: { readonly _canvas: { frame(): string } }
  }
  const line: (options: LineOptions) => LineChart
  export default line
}
