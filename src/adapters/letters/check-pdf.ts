/**
 * The accessibility gate for a PDF, against ISO 14289-1 (PDF/UA-1) as far as a letter goes: language, title, tags,
 * headings, reading order, alternative texts, table headers, fonts, contrast. It reads the file itself and trusts no
 * word of the program that wrote it.
 */
import type { AccessibilityFault } from '../../modules/letters/index.ts'
import { headingFaults, tooFaint } from './check-html.ts'
import { type Colour, WHITE } from './contrast.ts'
import { isDict, type Pdf, type PdfDict, type PdfValue, reader, readPdf, refOf } from './pdf-objects.ts'

/** A tag of the structure tree, with the roles of our own resolved. */
interface Element {
  readonly role: string
  readonly where: string
  readonly dict: PdfDict
  readonly children: readonly Element[]
}

/** Pieces of content in the order in which the tags are read: page object and number. */
interface Tree {
  readonly elements: readonly Element[]
  readonly pieces: readonly { readonly page: number; readonly mcid: number }[]
}

interface Facts {
  readonly pdf: Pdf
  readonly catalog: PdfDict
  readonly tree: Tree
  readonly pages: readonly Page[]
}

interface Page {
  readonly number: number
  readonly dict: PdfDict
  readonly content: Content
}

type Check = (facts: Facts) => AccessibilityFault[]

const CHECKS: readonly Check[] = [
  marked,
  language,
  title,
  identified,
  headings,
  figures,
  tables,
  fonts,
  tagged,
  order,
  contrasts,
]
export const PDF_CHECKS = CHECKS.length

export function checkPdf(bytes: Buffer): AccessibilityFault[] {
  const pdf = readPdf(bytes)
  const catalog = pdf?.dict(pdf.trailer.get('Root'))
  if (pdf === undefined || catalog === undefined || catalog.size === 0) {
    return [fault('pdf_unreadable', 'file', 'The file is no PDF with a cross-reference table.')]
  }
  const pages = pagesOf(pdf, catalog)
  const facts = { pdf, catalog, tree: treeOf(pdf, catalog), pages }
  return CHECKS.flatMap((check) => check(facts))
}

function fault(code: string, where: string, detail: string): AccessibilityFault {
  return { code, where, detail }
}

function treeOf(pdf: Pdf, catalog: PdfDict): Tree {
  const root = pdf.dict(catalog.get('StructTreeRoot'))
  const roles = pdf.dict(root.get('RoleMap'))
  const pieces: { page: number; mcid: number }[] = []
  const seen = new Map<string, number>()
  const roleOf = (name: string): string => {
    const mapped = pdf.name(roles.get(name))
    return mapped === '' ? name : mapped
  }
  function walk(value: PdfValue, page: number): Element[] {
    const found = pdf.get(value)
    if (typeof found === 'number') {
      pieces.push({ page, mcid: found })
      return []
    }
    if (Array.isArray(found)) return found.flatMap((one: PdfValue) => walk(one, page))
    if (!isDict(found)) return []
    const own = refOf(found.get('Pg')) || page
    const mcid = found.get('MCID')
    if (typeof mcid === 'number') {
      pieces.push({ page: own, mcid })
      return []
    }
    if (!found.has('S')) return []
    const role = roleOf(pdf.name(found.get('S')))
    const nth = (seen.get(role) ?? 0) + 1
    seen.set(role, nth)
    return [{ role, where: `${role} ${nth}`, dict: found, children: walk(found.get('K') ?? null, own) }]
  }
  return { elements: walk(root.get('K') ?? null, 0), pieces }
}

function all({ elements }: Pick<Tree, 'elements'>): Element[] {
  return elements.flatMap((one) => [one, ...all({ elements: one.children })])
}

function marked({ pdf, catalog, tree }: Facts): AccessibilityFault[] {
  const isMarked = pdf.get(pdf.dict(catalog.get('MarkInfo')).get('Marked')) === true
  if (!isMarked) return [fault('not_tagged', 'catalog', 'The PDF is not marked as tagged (MarkInfo).')]
  if (tree.elements.length > 0) return []
  return [
    fault('structure_missing', 'catalog', 'There is no structure tree: nothing says what is read, or in which order.'),
  ]
}

function language({ pdf, catalog }: Facts): AccessibilityFault[] {
  const lang = pdf.get(catalog.get('Lang'))
  if (typeof lang === 'string' && /^[a-z]{2,3}(-[A-Za-z0-9]+)*$/.test(lang)) return []
  return [fault('language_missing', 'catalog', 'Say which language the document is in (Lang).')]
}

function title({ pdf, catalog }: Facts): AccessibilityFault[] {
  const xmp = pdf.content(catalog.get('Metadata')).toString('utf8')
  const told = /<dc:title>[\s\S]*?<rdf:li[^>]*>([^<]*)</.exec(xmp)?.[1]?.trim() ?? ''
  const faults: AccessibilityFault[] = []
  if (told === '') faults.push(fault('title_missing', 'metadata', 'Give the document a title (dc:title).'))
  const preferences = pdf.dict(catalog.get('ViewerPreferences'))
  if (pdf.get(preferences.get('DisplayDocTitle')) !== true) {
    faults.push(
      fault('title_not_shown', 'catalog', 'Let the window show the title, not the file name (DisplayDocTitle).'),
    )
  }
  return faults
}

function identified({ pdf, catalog }: Facts): AccessibilityFault[] {
  const xmp = pdf.content(catalog.get('Metadata')).toString('utf8')
  if (/<pdfuaid:part>1<|pdfuaid:part="1"/.test(xmp)) return []
  return [fault('pdfua_missing', 'metadata', 'The document does not say that it is PDF/UA-1 (pdfuaid:part).')]
}

function headings({ tree }: Facts): AccessibilityFault[] {
  return headingFaults(
    all(tree).flatMap(({ role, where }) => {
      const level = Number(/^H([1-6])$/.exec(role)?.[1] ?? 0)
      return level === 0 ? [] : [{ level, where }]
    }),
  )
}

function figures({ pdf, tree }: Facts): AccessibilityFault[] {
  return all(tree)
    .filter(({ role, dict }) => {
      const alt = pdf.get(dict.get('Alt'))
      return (role === 'Figure' || role === 'Formula') && (typeof alt !== 'string' || alt.trim() === '')
    })
    .map(({ where }) => fault('alt_missing', where, 'Say in words what the picture shows (Alt).'))
}

function tables({ pdf, tree }: Facts): AccessibilityFault[] {
  return all(tree)
    .filter((one) => one.role === 'Table')
    .flatMap((table) => {
      const headers = all({ elements: table.children }).filter((one) => one.role === 'TH')
      if (headers.length === 0)
        return [fault('table_without_headers', table.where, 'Mark the headers of the table (TH).')]
      return headers
        .filter(({ dict }) => {
          const attributes = pdf.get(dict.get('A'))
          const list: readonly PdfValue[] = Array.isArray(attributes) ? attributes : [attributes]
          return !list.some((one) => pdf.dict(one).has('Scope'))
        })
        .map(({ where }) =>
          fault('header_scope_missing', `${table.where}, ${where}`, 'Say whether it heads a column or a row.'),
        )
    })
}

/** Every font that a page names is in the file, and says which letters it shows. */
function fonts({ pdf, pages }: Facts): AccessibilityFault[] {
  const faults: AccessibilityFault[] = []
  const seen = new Set<number>()
  for (const { dict } of pages) {
    for (const [key, value] of pdf.dict(pdf.dict(dict.get('Resources')).get('Font'))) {
      if (seen.has(refOf(value))) continue
      seen.add(refOf(value))
      const font = pdf.dict(value)
      const own = pdf.dict(pdf.array(font.get('DescendantFonts'))[0] ?? value)
      const descriptor = pdf.dict(own.get('FontDescriptor'))
      const where = `font ${pdf.name(font.get('BaseFont')) || key}`
      if (!['FontFile', 'FontFile2', 'FontFile3'].some((name) => descriptor.has(name))) {
        faults.push(fault('font_not_embedded', where, 'Put the font into the file.'))
      }
      if (!font.has('ToUnicode'))
        faults.push(fault('font_without_letters', where, 'Say which letters it shows (ToUnicode).'))
    }
  }
  return faults
}

/** What is shown is either part of the text, by a tag that the tree reads, or said to be decoration. */
function tagged({ tree, pages }: Facts): AccessibilityFault[] {
  const read = new Set(tree.pieces.map(({ page, mcid }) => `${page}:${mcid}`))
  return pages.flatMap(({ number, content }, i) => {
    const page = `page ${i + 1}`
    const loose = content.untagged > 0 ? [`${content.untagged} pieces of content have no tag`] : []
    const lost = content.pieces.filter((mcid) => !read.has(`${number}:${mcid}`))
    return [
      ...loose.map((what) => fault('content_untagged', page, `${what}: a screen reader does not read them.`)),
      ...lost.map((mcid) => fault('content_unreachable', `${page}, piece ${mcid}`, 'No tag of the tree reads it.')),
    ]
  })
}

/** The tags read the content in the order in which it stands on the page. */
function order({ tree, pages }: Facts): AccessibilityFault[] {
  const place = new Map<string, number>()
  for (const { number, content } of pages) {
    for (const mcid of content.pieces) place.set(`${number}:${mcid}`, place.size)
  }
  let last = -1
  for (const { page, mcid } of tree.pieces) {
    const at = place.get(`${page}:${mcid}`)
    if (at === undefined) continue
    if (at < last) {
      const nth = pages.findIndex((one) => one.number === page) + 1
      return [fault('reading_order', `page ${nth}, piece ${mcid}`, 'It is read after what stands behind it.')]
    }
    last = at
  }
  return []
}

/** Against white, as the page is. */
function contrasts({ pages }: Facts): AccessibilityFault[] {
  return pages.flatMap(({ content }, i) =>
    [...content.textColours.values()].flatMap((colour) => tooFaint(colour, WHITE, `page ${i + 1}, text`)),
  )
}

function pagesOf(pdf: Pdf, catalog: PdfDict): Page[] {
  const walk = (value: PdfValue): Page[] => {
    const dict = pdf.dict(value)
    if (dict.has('Kids')) return pdf.array(dict.get('Kids')).flatMap(walk)
    const streams = pdf.get(dict.get('Contents'))
    const parts: readonly PdfValue[] = Array.isArray(streams) ? streams : [dict.get('Contents') ?? null]
    const text = parts.map((one) => pdf.content(one).toString('latin1')).join('\n')
    return [{ number: refOf(value), dict, content: contentOf(pdf, text) }]
  }
  return walk(catalog.get('Pages') ?? null)
}

interface Content {
  /** Numbers of marked content, in the order of the page. */
  readonly pieces: readonly number[]
  /** Texts, lines, areas and pictures that are neither tagged nor decoration. */
  readonly untagged: number
  readonly textColours: ReadonlyMap<string, Colour>
}

const SHOWS_TEXT = new Set(['Tj', 'TJ', "'", '"'])
const PAINTS = new Set(['f', 'F', 'f*', 'B', 'B*', 'b', 'b*', 'S', 's', 'Do', 'sh', 'EI'])
const FILLS = new Set(['g', 'rg', 'k', 'sc', 'scn'])

function contentOf(pdf: Pdf, text: string): Content {
  const pieces: number[] = []
  const textColours = new Map<string, Colour>()
  // Of each open mark whether what is in it is accounted for.
  const open: boolean[] = []
  const saved: Colour[] = []
  let fill: Colour = [0, 0, 0]
  let untagged = 0
  let operands: PdfValue[] = []
  const read = reader(text)
  for (let value = read.value(); value !== undefined; value = read.value()) {
    const operator = value !== null && typeof value === 'object' && 'operator' in value ? value.operator : undefined
    if (operator === undefined) {
      operands.push(value)
      continue
    }
    if (operator === 'BDC' || operator === 'BMC') {
      const mcid = pdf.dict(operands[1]).get('MCID')
      if (typeof mcid === 'number') pieces.push(mcid)
      open.push(open.at(-1) === true || typeof mcid === 'number' || pdf.name(operands[0]) === 'Artifact')
    } else if (operator === 'EMC') open.pop()
    else if (operator === 'q') saved.push(fill)
    else if (operator === 'Q') fill = saved.pop() ?? fill
    else if (FILLS.has(operator)) fill = colourIn(operands) ?? fill
    else if (SHOWS_TEXT.has(operator)) textColours.set(fill.join(' '), fill)
    if ((SHOWS_TEXT.has(operator) || PAINTS.has(operator)) && open.at(-1) !== true) untagged++
    operands = []
  }
  return { pieces, untagged, textColours }
}

/** By how many numbers it is told with: grey, red-green-blue, or the four inks. */
function colourIn(operands: readonly PdfValue[]): Colour | undefined {
  const [a = 0, b = 0, c = 0, d = 0] = operands.filter((one) => typeof one === 'number')
  const many = operands.filter((one) => typeof one === 'number').length
  if (many === 1) return [a, a, a]
  if (many === 3) return [a, b, c]
  if (many === 4) return [(1 - a) * (1 - d), (1 - b) * (1 - d), (1 - c) * (1 - d)]
  return undefined
}
