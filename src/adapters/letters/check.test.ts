/** The gate: what the letter is passes, and each thing that would shut somebody out is found, with its place. */
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { fillLetter, type Letter, LETTER_TEMPLATES } from '../../modules/letters/index.ts'
import { checkHtml } from './check-html.ts'
import { checkPdf } from './check-pdf.ts'
import { colourOf, contrastOf } from './contrast.ts'
import { htmlOf } from './html.ts'
import { readPdf } from './pdf-objects.ts'
import { pdfOf } from './pdf.ts'

const DATA = {
  cause: 'Din konto er lukket.',
  answer_by: '23. april 2026',
  amount: '9.468,00',
  benefit: 'Kontanthjælp & <særligt> #let "æøå" $x$ = *nej*',
  disposition_date: '31. marts 2026',
  payment: '0751R1N1',
  municipality: 'Århus',
}
const AT = '2026-04-02T09:00:00Z'
const [TEMPLATE] = LETTER_TEMPLATES
const letter = fillLetter(TEMPLATE as NonNullable<typeof TEMPLATE>, DATA, AT)
const SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"><rect width="20" height="20"/></svg>'
const withFigure: Letter = { ...letter, blocks: [...letter.blocks, { kind: 'figure', svg: SVG, alt: 'Byens våben' }] }

test('every template passes as page and PDF, with a picture too; the same letter is the same bytes', () => {
  for (const one of [letter, withFigure]) {
    assert.deepEqual(checkHtml(htmlOf(one)), [])
    assert.deepEqual(checkPdf(pdfOf(one)), [])
    assert.ok(pdfOf(one).equals(pdfOf(structuredClone(one))))
  }
  assert.equal(pdfOf(letter).equals(pdfOf({ ...letter, madeAt: '2026-04-03T09:00:00Z' })), false)
})

test('a letter of a late evening carries the day that it is in Denmark', () => {
  assert.ok(pdfOf({ ...letter, madeAt: '2026-04-01T22:30:00Z' }).includes('(D:20260402'))
})

test('what a page lacks is found where it is lacking', () => {
  const page = htmlOf(withFigure)
  const cases: readonly (readonly [string | RegExp, string, string])[] = [
    [' lang="da"', '', 'language_missing html'],
    [/<title>[^<]*/, '<title>', 'title_missing head'],
    [/<h1>[^<]*<\/h1>/, '', 'heading_missing document'],
    ['<h2>Det skal', '<h1>Nej</h1><h2>Det skal', 'heading_twice h1 2'],
    ['<h2>Det skal du gøre</h2>', '<h3>Det skal du gøre</h3>', 'heading_skipped h3 1'],
    ['<h2>Det skal du gøre', '<h2>', 'heading_empty h2 1'],
    [' alt="Byens våben"', '', 'alt_missing img 1'],
    [' alt="Byens våben"', ' alt=" "', 'alt_missing img 1'],
    ['<th scope="col">Hvad', '<th>Hvad', 'header_scope_missing table 1, th 1'],
    ['<th scope="row">Beløb', '<th scope="row">', 'header_empty table 1, th 3'],
    ['color:#1a1a1a', 'color:#9a9a9a', 'contrast_low body'],
    ['color:#1a1a1a', 'color:papayawhip', 'contrast_unknown body'],
    ['<p>Venlig', '<p style="color:#bbbbbb">Venlig', 'contrast_low p 4'],
    ['<p>Venlig', '<p style="background:#333333">Venlig', 'contrast_low p 4'],
    ['<ul>\n<li>', '<ul>\n<p>', 'list_without_items ul 1'],
    ['<p>Venlig', '<img alt="x" src="https://example.org/x.png"><p>Venlig', 'not_self_contained img 1'],
    ['<p>Venlig', '<script>1</script><p>Venlig', 'not_self_contained script 1'],
  ]
  for (const [from, to, wanted] of cases) {
    const broken = page.replace(from, to)
    assert.notEqual(broken, page, wanted)
    const found = checkHtml(broken).map(({ code, where }) => `${code} ${where}`)
    assert.ok(found.includes(wanted), `${wanted}: ${found.join('; ')}`)
  }
  const noHeaders = page.replaceAll(/<th[^>]*>/g, '<td>').replaceAll('</th>', '</td>')
  assert.deepEqual(
    checkHtml(noHeaders).map((one) => `${one.code} ${one.where}`),
    ['table_without_headers table 1'],
  )
})

/** The same length, so that the cross-reference table stays right. */
function broken(pdf: Buffer, from: string, to: string): Buffer {
  assert.equal(from.length, to.length)
  const text = pdf.toString('latin1')
  assert.ok(text.includes(from), from)
  return Buffer.from(text.replaceAll(from, to), 'latin1')
}

test('what a PDF lacks is found where it is lacking', () => {
  const pdf = pdfOf(withFigure)
  const cases: readonly (readonly [string, string, string])[] = [
    ['/Lang (da)', '/Lung (da)', 'language_missing catalog'],
    ['/Marked true', '/Marked null', 'not_tagged catalog'],
    ['/StructTreeRoot ', '/StructTreeRott ', 'structure_missing catalog'],
    ['/DisplayDocTitle', '/DisplayDocTitel', 'title_not_shown catalog'],
    ['<dc:title>', '<dc:titel>', 'title_missing metadata'],
    ['<pdfuaid:part>1<', '<pdfuaid:part>2<', 'pdfua_missing metadata'],
    ['/S /H1', '/S /H2', 'heading_missing document'],
    ['/S /H2', '/S /H3', 'heading_skipped H3 1'],
    ['/Alt ', '/Olt ', 'alt_missing Figure 1'],
    ['/S /TH\n', '/S /TD\n', 'table_without_headers Table 1'],
    ['/Scope ', '/Skope ', 'header_scope_missing Table 1, TH 1'],
    ['/ToUnicode', '/ToUnikode', 'font_without_letters'],
    ['/FontFile', '/FontFiel', 'font_not_embedded'],
    ['startxref', 'startxrev', 'pdf_unreadable file'],
  ]
  for (const [from, to, wanted] of cases) {
    const found = checkPdf(broken(pdf, from, to)).map(({ code, where }) => `${code} ${where}`)
    assert.ok(
      found.some((one) => one.startsWith(wanted)),
      `${wanted}: ${found.join('; ')}`,
    )
  }
})

/** Typst by a program of the test's own. */
function typeset(program: string, options: object = {}): Buffer {
  const { NodeCompiler } = createRequire(import.meta.url)('@myriaddreamin/typst-ts-node-compiler')
  const source = `#set document(title: "T")\n#set text(lang: "da", font: "Libertinus Serif")\n${program}`
  return NodeCompiler.create({}).pdf({ mainFileContent: source }, { creationTimestamp: 0, ...options })
}
const codes = (pdf: Buffer) => [...new Set(checkPdf(pdf).map((one) => one.code))]

test('content is read: what nobody tagged, what is faint, and what is read in another order', () => {
  const good = '= Overskrift\nEn tekst.\n\n== Næste\nEn til.'
  assert.deepEqual(codes(typeset(good, { pdfStandard: 'ua-1' })), [])
  const untagged = codes(typeset(good, { pdfTags: false }))
  assert.ok(untagged.includes('not_tagged') && untagged.includes('content_untagged'), untagged.join(' '))
  const faint = typeset(`= Overskrift\n#text(fill: luma(60%))[En tekst.]`, { pdfStandard: 'ua-1' })
  assert.deepEqual(codes(faint), ['contrast_low'])
  const red = typeset(`= Overskrift\n#text(fill: rgb("#ff6666"))[En tekst.]`, { pdfStandard: 'ua-1' })
  assert.deepEqual(codes(red), ['contrast_low'])
  // The root's children the other way round: the last paragraph is read first.
  const text = typeset(good, { pdfStandard: 'ua-1' }).toString('latin1')
  const [whole = '', kids = ''] = /\/S \/Document\s+\/P \d+ 0 R\s+\/K \[([^\]]+)\]/.exec(text) ?? []
  const turned = (kids.match(/\d+ 0 R/g) ?? []).toReversed().join(' ')
  const wrong = text.replace(whole, whole.replace(kids, turned.padEnd(kids.length)))
  assert.ok(codes(Buffer.from(wrong, 'latin1')).includes('reading_order'))
  const fewer = text.replace(
    whole,
    whole.replace(kids, (kids.match(/\d+ 0 R/g) ?? []).slice(1).join(' ').padEnd(kids.length)),
  )
  assert.ok(codes(Buffer.from(fewer, 'latin1')).includes('content_unreachable'))
})

test('torn files and noise are unreadable, never a crash', () => {
  const pdf = pdfOf(letter)
  for (const bytes of [Buffer.alloc(0), Buffer.from('%PDF-1.7'), pdf.subarray(0, 9_000), Buffer.from(htmlOf(letter))]) {
    assert.deepEqual(codes(bytes), ['pdf_unreadable'])
  }
  for (let at = 0; at < pdf.length; at += 997) {
    const bytes = Buffer.from(pdf)
    bytes[at] = 0
    assert.ok(Array.isArray(checkPdf(bytes)))
  }
  assert.equal(readPdf(Buffer.from('xref')), undefined)
})

test('contrast as WCAG reckons it', () => {
  const [black, white, grey] = ['#000', '#ffffff', '#767676'].map((one) => colourOf(one) ?? [0, 0, 0])
  assert.equal(contrastOf(black as never, white as never).toFixed(2), '21.00')
  assert.equal(contrastOf(white as never, grey as never).toFixed(2), '4.54')
})

test('a template that names what is not told is refused, and so is what it does not name', () => {
  const template = TEMPLATE as NonNullable<typeof TEMPLATE>
  assert.throws(() => fillLetter(template, { ...DATA, amount: ' ' }, AT), { code: 'letter_data_missing' })
  assert.throws(() => fillLetter(template, { ...DATA, cpr: '1' }, AT), { code: 'letter_data_unused' })
})
