/** The accessibility gate for a page: what a screen reader, a zoomed browser and a reader with low vision need. */
import type { AccessibilityFault } from '../../modules/letters/index.ts'
import { type Colour, colourOf, contrastOf, LEAST_CONTRAST } from './contrast.ts'

interface Tag {
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
  /** The text until the next tag. */
  readonly text: string
  /** `h2 3`: the third of its kind. */
  readonly where: string
}

type Check = (tags: readonly Tag[]) => AccessibilityFault[]

/** Each is one rule; a page passes when none finds anything. */
const CHECKS: readonly Check[] = [language, title, headings, pictures, tables, contrasts, lists, selfContained]
export const HTML_CHECKS = CHECKS.length

export function checkHtml(page: string): AccessibilityFault[] {
  const tags = tagsOf(page)
  return CHECKS.flatMap((check) => check(tags))
}

function tagsOf(page: string): Tag[] {
  const seen = new Map<string, number>()
  return [...page.matchAll(/<(\/?[a-zA-Z][\w-]*)((?:\s[^<>]*)?)>([^<]*)/g)].map(
    ([, raw = '', rest = '', text = '']) => {
      const name = raw.toLowerCase()
      const nth = (seen.get(name) ?? 0) + 1
      seen.set(name, nth)
      const attributes = [...rest.matchAll(/([\w-]+)(?:\s*=\s*"([^"]*)")?/g)]
      const named = attributes.map(([, key = '', value = '']) => [key.toLowerCase(), value] as const)
      return { name, attributes: new Map(named), text: text.trim(), where: `${name} ${nth}` }
    },
  )
}

const of = (tags: readonly Tag[], ...names: readonly string[]) => tags.filter((tag) => names.includes(tag.name))

function fault(code: string, where: string, detail: string): AccessibilityFault {
  return { code, where, detail }
}

function language(tags: readonly Tag[]): AccessibilityFault[] {
  const [html] = of(tags, 'html')
  const lang = html?.attributes.get('lang') ?? ''
  if (/^[a-z]{2,3}(-[A-Za-z0-9]+)*$/.test(lang)) return []
  return [fault('language_missing', 'html', 'Say which language the page is in, such as lang="da".')]
}

function title(tags: readonly Tag[]): AccessibilityFault[] {
  if (of(tags, 'title').some((tag) => tag.text !== '')) return []
  return [fault('title_missing', 'head', 'Give the page a title that says what it is about.')]
}

/** One first heading, before the others; none is empty, and none skips a level. */
function headings(tags: readonly Tag[]): AccessibilityFault[] {
  return headingFaults(
    tags.flatMap((tag) => {
      const level = Number(/^h([1-6])$/.exec(tag.name)?.[1] ?? 0)
      return level === 0 ? [] : [{ level, text: tag.text, where: tag.where }]
    }),
  )
}

/** Of a page and a PDF alike. */
export function headingFaults(
  found: readonly { readonly level: number; readonly text?: string; readonly where: string }[],
): AccessibilityFault[] {
  const faults: AccessibilityFault[] = []
  const firsts = found.filter((one) => one.level === 1)
  if (found[0]?.level !== 1) faults.push(fault('heading_missing', 'document', 'Begin with a heading of level 1.'))
  for (const one of firsts.slice(1)) faults.push(fault('heading_twice', one.where, 'Have one heading of level 1.'))
  for (const [i, { level, text, where }] of found.entries()) {
    if (text === '') faults.push(fault('heading_empty', where, 'A heading says what follows.'))
    const before = found[i - 1]?.level ?? 0
    if (level > before + 1) {
      faults.push(fault('heading_skipped', where, `Level ${level} follows level ${before}: skip none.`))
    }
  }
  return faults
}

function pictures(tags: readonly Tag[]): AccessibilityFault[] {
  return of(tags, 'img')
    .filter((tag) => (tag.attributes.get('alt') ?? '').trim() === '')
    .map((tag) => fault('alt_missing', tag.where, 'Say in words what the picture shows (alt).'))
}

function tables(tags: readonly Tag[]): AccessibilityFault[] {
  const faults: AccessibilityFault[] = []
  let at: { readonly where: string; headers: number } | undefined
  for (const tag of tags) {
    if (tag.name === 'table') at = { where: tag.where, headers: 0 }
    if (tag.name === 'th' && at !== undefined) {
      at.headers++
      if (!['col', 'row'].includes(tag.attributes.get('scope') ?? '')) {
        faults.push(
          fault('header_scope_missing', `${at.where}, ${tag.where}`, 'Say whether it heads a column or a row.'),
        )
      }
      if (tag.text === '')
        faults.push(fault('header_empty', `${at.where}, ${tag.where}`, 'A header says what it heads.'))
    }
    if (tag.name === '/table' && at !== undefined) {
      if (at.headers === 0) faults.push(fault('table_without_headers', at.where, 'Mark the headers of the table (th).'))
      at = undefined
    }
  }
  return faults
}

/** Every colour that is told stands on the background told with it, or the page's. */
function contrasts(tags: readonly Tag[]): AccessibilityFault[] {
  const styles = [
    ...of(tags, 'style').flatMap((tag) =>
      [...tag.text.matchAll(/([^{}]+)\{([^}]*)\}/g)].map(([, where = '', rules = '']) => ({
        where: where.trim(),
        rules,
      })),
    ),
    ...tags.flatMap((tag) => {
      const rules = tag.attributes.get('style')
      return rules === undefined ? [] : [{ where: tag.where, rules }]
    }),
  ]
  const told = (rules: string, name: string): string | undefined =>
    new RegExp(`(?:^|;)\\s*${name}\\s*:\\s*([^;]+)`).exec(rules)?.[1]?.trim()
  const page = styles.find((one) => one.where === 'body')
  const behind = told(page?.rules ?? '', 'background') ?? '#ffffff'
  const before = told(page?.rules ?? '', 'color') ?? '#000000'
  return styles.flatMap(({ where, rules }) => {
    const [front, back] = [told(rules, 'color'), told(rules, 'background(?:-color)?')]
    if (front === undefined && back === undefined) return []
    const [a, b] = [colourOf(front ?? before), colourOf(back ?? behind)]
    if (a === undefined || b === undefined) {
      return [fault('contrast_unknown', where, 'Tell colours as #rrggbb, so that their contrast can be reckoned.')]
    }
    return tooFaint(a, b, where)
  })
}

export function tooFaint(front: Colour, back: Colour, where: string): AccessibilityFault[] {
  const ratio = contrastOf(front, back)
  if (ratio >= LEAST_CONTRAST) return []
  return [fault('contrast_low', where, `The contrast is ${ratio.toFixed(1)}; text needs ${LEAST_CONTRAST}.`)]
}

function lists(tags: readonly Tag[]): AccessibilityFault[] {
  const faults: AccessibilityFault[] = []
  for (const [i, tag] of tags.entries()) {
    const next = tags[i + 1]?.name
    if ((tag.name === 'ul' || tag.name === 'ol') && next !== 'li') {
      faults.push(fault('list_without_items', tag.where, 'A list holds items (li).'))
    }
  }
  return faults
}

/** A letter is kept for years: it runs nothing, and needs nothing from elsewhere. */
function selfContained(tags: readonly Tag[]): AccessibilityFault[] {
  return tags
    .filter((tag) => {
      const from = tag.attributes.get('src') ?? (tag.name === 'link' ? (tag.attributes.get('href') ?? '') : '')
      return tag.name === 'script' || tag.name === 'iframe' || (from !== '' && !from.startsWith('data:'))
    })
    .map((tag) => fault('not_self_contained', tag.where, 'The page may run nothing and fetch nothing.'))
}
