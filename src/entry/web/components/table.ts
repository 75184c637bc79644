import { html, type Html } from '../html.ts'

export interface Column {
  readonly title: string
  /** Amounts and counts stand to the right, digit under digit. */
  readonly number?: boolean
}

export type Cell = string | number | Html

export interface Row {
  /** The first cell is the row's header. */
  readonly cells: readonly Cell[]
  readonly total?: boolean
  readonly sub?: boolean
}

function classOf(column: Column | undefined): Html | false {
  return column?.number === true && html` class="toek-number"`
}

function bodyRow(columns: readonly Column[], row: Row): Html {
  const style = row.total === true ? 'toek-total' : row.sub === true ? 'toek-sub' : undefined
  const cells = row.cells.map((cell, i) =>
    i === 0
      ? html`<th scope="row">${cell}</th>`
      : html`<td${classOf(columns[i])} data-title="${cell === '' ? '' : columns[i]?.title}">${cell}</td>`,
  )
  return html`<tr${style !== undefined && html` class="${style}"`}>${cells}</tr>
`
}

/** The design system's table: header cells with scope and a caption; on a narrow screen, wide tables stack. */
export function table(caption: string, columns: readonly Column[], rows: readonly Row[]): Html {
  return html`<div class="table--responsive-scroll" tabindex="0" role="region" aria-label="${caption}">
<table class="table table--compact${columns.length > 2 && ' table-md-responsive-headers'}">
<caption>${caption}</caption>
<thead><tr>${columns.map((one) => html`<th scope="col"${classOf(one)}>${one.title}</th>`)}</tr></thead>
<tbody>${rows.map((row) => bodyRow(columns, row))}</tbody>
</table></div>`
}

/** Name and value, one under the other. */
export function list(rows: readonly (readonly [string, Cell])[]): Html {
  return html`<table class="table structured-list table--compact"><tbody>${rows.map(
    ([name, value]) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>
`,
  )}</tbody></table>`
}
