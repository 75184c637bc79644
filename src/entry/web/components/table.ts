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

/**
 * The design system's table: header cells with scope and a caption; on a narrow screen, wide tables stack their
 * cells.
 */
export function table(caption: string, columns: readonly Column[], rows: readonly Row[]): Html {
  const classOf = (column: Column | undefined): Html | false => column?.number === true && html` class="toek-number"`
  return html`<div class="table--responsive-scroll" tabindex="0" role="region" aria-label="${caption}">
<table class="table table--compact${columns.length > 2 && ' table-md-responsive-headers'}">
<caption>${caption}</caption>
<thead><tr>${columns.map((one) => html`<th scope="col"${classOf(one)}>${one.title}</th>`)}</tr></thead>
<tbody>${rows.map(
    (
      row,
    ) => html`<tr${row.total === true && html` class="toek-total"`}${row.sub === true && html` class="toek-sub"`}>${row.cells.map(
      (cell, i) =>
        i === 0
          ? html`<th scope="row">${cell}</th>`
          : html`<td${classOf(columns[i])} data-title="${columns[i]?.title}">${cell}</td>`,
    )}</tr>
`,
  )}</tbody>
</table></div>`
}

/** Name and value, one under the other. */
export function list(rows: readonly (readonly [string, Cell])[]): Html {
  return html`<table class="table structured-list table--compact"><tbody>${rows.map(
    ([name, value]) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>
`,
  )}</tbody></table>`
}
