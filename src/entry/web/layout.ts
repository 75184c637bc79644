/** The frame of every page: Danish, one h1, a skip link, a menu that needs no script. */
import type { Assets } from './assets.ts'
import { html, type Html, markupOf } from './html.ts'
import { paths } from './paths.ts'
import { PAGE, SEARCH_PAGE } from '../text/index.ts'

export interface Page {
  /** The h1, and the title of the window. */
  readonly title: string
  readonly lead?: string
  readonly current?: 'month' | 'search'
  readonly body: Html
}

export interface Frame {
  readonly assets: Assets
  readonly demo: boolean
}

export function layout(frame: Frame, page: Page): string {
  const { assets } = frame
  return markupOf(html`<!doctype html>
<html lang="da">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${page.title} – ${PAGE.product}</title>
<link rel="stylesheet" href="${assets.designCss}">
<link rel="stylesheet" href="${assets.ownCss}">
<link rel="icon" href="data:,">
</head>
<body>
<a class="skipnav" href="#main-content">${PAGE.skip}</a>
<header class="header">
<div class="solution-info"><div class="solution-info-inner container">
<div class="solution-heading"><a href="${paths.month()}">${PAGE.product}</a></div>
<div class="additional-info"><p>${PAGE.productLong}</p></div></div></div>
${menu(page)}
${frame.demo && demoLine()}
</header>
<div class="container page-container">
<main id="main-content" tabindex="-1">
<h1>${page.title}</h1>
${page.lead !== undefined && html`<p class="font-lead">${page.lead}</p>`}
${page.body}
</main>
</div>
<footer><div class="footer"><div class="container"><p>${PAGE.kroner} ${PAGE.masked}</p></div></div></footer>
</body>
</html>
`)
}

function demoLine(): Html {
  return html`<div class="toek-demo"><div class="container">
<p><strong>${PAGE.demo}.</strong> ${PAGE.demoText}</p>
</div></div>`
}

function menu(page: Page): Html {
  return html`<div class="toek-nav"><div class="container">
<nav aria-label="${PAGE.menu}"><ul>
<li><a href="${paths.month()}"${page.current === 'month' && html` aria-current="page"`}>${PAGE.overview}</a></li>
</ul></nav>
<form role="search" action="${paths.search()}" method="get"><div class="form-group search">
<label for="soeg-top" class="sr-only">${SEARCH_PAGE.label}</label>
<input class="form-input" id="soeg-top" name="q" type="search" maxlength="100" autocomplete="off"
 placeholder="${SEARCH_PAGE.label}">
<button class="button button-search" type="submit">${PAGE.search}</button>
</div></form>
</div></div>`
}
