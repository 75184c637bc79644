/** A letter as a page of its own: no script, nothing from elsewhere, its language, title and structure told. */
import type { Letter, LetterBlock } from '../../modules/letters/index.ts'

/** Dark on white, 16 px and up, 70 characters a line. */
const STYLE = `body{color:#1a1a1a;background:#ffffff;font:1rem/1.6 "IBM Plex Sans",Arial,sans-serif;margin:2rem auto;max-width:38rem;padding:0 1rem}
h1{font-size:1.75rem;line-height:1.25}h2{font-size:1.25rem}table{border-collapse:collapse}th,td{border-bottom:1px solid #6b6b6b;padding:.4rem 1rem .4rem 0;text-align:left;vertical-align:top}`

export function htmlOf(letter: Letter): string {
  const { language, title, blocks } = letter
  return `<!doctype html>
<html lang="${escaped(language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escaped(title)}</h1>
${blocks.map(blockOf).join('\n')}
</main>
</body>
</html>
`
}

function blockOf(block: LetterBlock): string {
  switch (block.kind) {
    case 'heading':
      return `<h2>${escaped(block.text)}</h2>`
    case 'paragraph':
      return `<p>${escaped(block.text)}</p>`
    case 'list':
      return `<ul>\n${block.items.map((item) => `<li>${escaped(item)}</li>`).join('\n')}\n</ul>`
    case 'table':
      return tableOf(block)
    case 'figure':
      return `<img alt="${escaped(block.alt)}" src="data:image/svg+xml;base64,${Buffer.from(block.svg).toString('base64')}">`
  }
}

function tableOf({ header, rows }: Extract<LetterBlock, { kind: 'table' }>): string {
  const head = header.map((cell) => `<th scope="col">${escaped(cell)}</th>`).join('')
  const body = rows.map(([first = '', ...rest]) => {
    const cells = rest.map((cell) => `<td>${escaped(cell)}</td>`).join('')
    return `<tr><th scope="row">${escaped(first)}</th>${cells}</tr>`
  })
  return `<table>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${body.join('\n')}\n</tbody>\n</table>`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
