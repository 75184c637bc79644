import { html, type Html } from '../html.ts'

/** A part of a page under its own heading. `id` is the heading's, once on a page. */
export function section(id: string, heading: string, body: Html): Html {
  return html`<section class="toek-section" aria-labelledby="${id}">
<h2 id="${id}">${heading}</h2>
${body}
</section>`
}

export function link(url: string, words: string): Html {
  return html`<a href="${url}">${words}</a>`
}
