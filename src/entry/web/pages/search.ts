import type { SearchHit } from '../../../modules/overview/index.ts'
import { alert } from '../components/alert.ts'
import { link } from '../components/section.ts'
import { html, type Html } from '../html.ts'
import type { Page } from '../layout.ts'
import { paths } from '../paths.ts'
import { PAGE, SEARCH_PAGE as T } from '../../text/index.ts'

export interface SearchView {
  readonly icons: string
  readonly query: string
  readonly hits: readonly (SearchHit & { readonly name: string })[]
}

/** Ten digits, with or without a dash: nobody's number belongs in an address. */
export function looksLikeCpr(query: string): boolean {
  return /^\d{6}[- ]?\d{4}$/.test(query)
}

export function searchPage(view: SearchView): Page {
  return { title: PAGE.search, current: 'search', body: html`${form(view)}${result(view)}` }
}

function form(view: SearchView): Html {
  const value = looksLikeCpr(view.query) ? '' : view.query
  return html`<form action="${paths.search()}" method="get"><div class="form-group">
<label class="form-label" for="soeg">${T.label}</label><span class="form-hint" id="soeg-hint">${T.hint}</span>
<input class="form-input" id="soeg" name="q" type="search" maxlength="100" autocomplete="off"
 aria-describedby="soeg-hint" value="${value}">
</div><p><button class="button button-primary" type="submit">${PAGE.search}</button></p></form>`
}

function result(view: SearchView): Html | false {
  if (view.query === '') return false
  if (looksLikeCpr(view.query)) return alert(view.icons, 'warning', T.cpr, T.cprText)
  if (view.hits.length === 0) return alert(view.icons, 'info', T.none, T.noneText)
  const hits = view.hits.map((one) => {
    const url = paths.order(one.municipality, one.sourceSystem, one.orderKey)
    return html`<li>${link(url, `${one.orderKey} (${one.sourceSystem}, ${one.name})`)}</li>`
  })
  return html`<h2>${T.several}</h2><ul>${hits}</ul>`
}
