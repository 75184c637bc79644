/**
 * A letter as PDF/UA-1, typeset by Typst. The letter is data to a program that never changes, so no text of it is ever
 * read as markup. Fonts are those in the compiler itself and no others: the same letter is the same bytes everywhere.
 */
import { createRequire } from 'node:module'
import { danishDay } from '../../base/danish-time.ts'
import { civil } from '../../base/date.ts'
import type { Letter } from '../../modules/letters/index.ts'

const PROGRAM = `
#let letter = json(bytes(sys.inputs.letter))
#let made = letter.made
#set document(title: letter.title, date: datetime(year: made.at(0), month: made.at(1), day: made.at(2)))
#set page(paper: "a4", margin: (x: 25mm, y: 25mm))
#set text(lang: letter.language, font: "Libertinus Serif", size: 12pt, fill: luma(10%), fallback: false)
#set par(leading: 0.75em, spacing: 1.2em)
#show heading.where(level: 1): set text(size: 20pt)
#show heading.where(level: 2): set text(size: 14pt)
#heading(level: 1, letter.title)
#for block in letter.blocks {
  if block.kind == "heading" { heading(level: 2, block.text) }
  else if block.kind == "paragraph" { par(block.text) }
  else if block.kind == "list" { list(..block.items) }
  else if block.kind == "figure" { image(bytes(block.svg), format: "svg", alt: block.alt) }
  else if block.kind == "table" {
    table(
      columns: block.header.len(),
      stroke: none,
      inset: (x: 0pt, y: 5pt),
      column-gutter: 1.5em,
      table.header(..block.header.map(cell => strong(cell))),
      ..block.rows.flatten(),
    )
  }
}
`

interface Compiler {
  pdf(
    by: { readonly mainFileContent: string; readonly inputs: Readonly<Record<string, string>> },
    options: { readonly pdfStandard: string; readonly creationTimestamp: number },
  ): Buffer
}

let compiler: Compiler | undefined

/** The package brings a binary for each platform; it is loaded when the first letter is written. */
function typst(): Compiler {
  if (compiler === undefined) {
    const require = createRequire(import.meta.url)
    const { NodeCompiler } = require('@myriaddreamin/typst-ts-node-compiler') as {
      NodeCompiler: { create(options: object): Compiler }
    }
    compiler = NodeCompiler.create({})
  }
  return compiler
}

export function pdfOf(letter: Letter): Buffer {
  const { language, title, blocks, madeAt } = letter
  const made = civil(danishDay(madeAt))
  return typst().pdf(
    {
      mainFileContent: PROGRAM,
      inputs: { letter: JSON.stringify({ language, title, blocks, made: [made.year, made.month, made.day] }) },
    },
    { pdfStandard: 'ua-1', creationTimestamp: Date.parse(madeAt) / 1000 },
  )
}
