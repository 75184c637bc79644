/**
 * A letter as what it says, whatever it is written as: PDF, page or print. A template is dated data; filled with what a
 * case is about it is a letter. Who gets it is told to the channel alone: a letter carries neither name nor number of a
 * person. @da brev
 */
import { createHash } from 'node:crypto'
import { assert } from '../../base/assert.ts'
import type { Day, Period } from '../../base/date.ts'
import { Refusal } from '../../base/refusal.ts'
import { municipalityName } from '../rates/index.ts'

export type LetterBlock =
  | { readonly kind: 'heading'; readonly text: string }
  | { readonly kind: 'paragraph'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  /** The first cell of a row says what the row is. */
  | { readonly kind: 'table'; readonly header: readonly string[]; readonly rows: readonly (readonly string[])[] }
  /** A picture needs its words. */
  | { readonly kind: 'figure'; readonly svg: string; readonly alt: string }

export interface Letter {
  /** BCP 47, such as `da`. */
  readonly language: string
  readonly title: string
  readonly blocks: readonly LetterBlock[]
  /** When it was made, as a business time in UTC: `2026-04-02T09:00:00Z`. */
  readonly madeAt: string
}

/**
 * Texts may name data in braces: `{amount}`, and how it is put: `{municipality:own_name}`. Each version is a row of its
 * own. @da brevskabelon
 */
export interface LetterTemplate {
  readonly key: string
  readonly valid: Period
  readonly language: string
  readonly title: string
  readonly blocks: readonly LetterBlock[]
  readonly source: string
}

/** The version of a template that applies on a day. Refuses `template_missing`. */
export function templateOn(templates: readonly LetterTemplate[], key: string, on: Day): LetterTemplate {
  const found = templates.findLast((one) => one.key === key && one.valid.from <= on && on < one.valid.to)
  if (found === undefined) throw new Refusal('template_missing', `No template ${key} applies on that day.`)
  return found
}

export type LetterData = Readonly<Record<string, string>>

/** How data may be put, by the name that stands behind its own. */
const FORMS: Readonly<Record<string, (value: string) => string>> = {
  '': (value) => value,
  own_name: (name) => municipalityName({ name }),
}

/**
 * Refuses `letter_data_missing` when the template names what is not told, and `letter_data_unused` the other way round.
 */
export function fillLetter(template: LetterTemplate, data: LetterData, madeAt: string): Letter {
  const used = new Set<string>()
  const fill = (text: string): string =>
    text.replaceAll(/\{(\w+)(?::(\w+))?\}/g, (_, name: string, form = '') => {
      const value = data[name]
      if (value === undefined || value.trim() === '') {
        throw new Refusal('letter_data_missing', `The template ${template.key} needs {${name}}, which is not told.`)
      }
      used.add(name)
      const put = FORMS[form]
      assert(put !== undefined, `the template ${template.key} puts {${name}} in no way that is known: ${form}`)
      return put(value)
    })
  const letter = {
    language: template.language,
    title: fill(template.title),
    blocks: template.blocks.map((block) => filled(block, fill)),
    madeAt,
  }
  const unused = Object.keys(data).filter((name) => !used.has(name))
  if (unused.length > 0) {
    throw new Refusal('letter_data_unused', `The template ${template.key} says nothing of ${unused.join(', ')}.`)
  }
  return letter
}

function filled(block: LetterBlock, fill: (text: string) => string): LetterBlock {
  switch (block.kind) {
    case 'heading':
    case 'paragraph':
      return { ...block, text: fill(block.text) }
    case 'list':
      return { ...block, items: block.items.map(fill) }
    case 'table':
      return { ...block, header: block.header.map(fill), rows: block.rows.map((row) => row.map(fill)) }
    case 'figure':
      return { ...block, alt: fill(block.alt) }
  }
}

/** SHA-256 of what a letter was made of: template, version, words and data, in an order of its own. */
export function digestOf(template: LetterTemplate, data: LetterData, madeAt: string): Buffer {
  const told = Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256')
    .update(JSON.stringify([template.key, template.valid.from, template.title, template.blocks, madeAt, told]))
    .digest()
}

/** What the accessibility gate found wrong, and where. @da tilgængelighedsfund */
export interface AccessibilityFault {
  /** Such as `title_missing`; the same words for a page and a PDF. */
  readonly code: string
  /** Element or object, such as `table 1, row 2` or `PDF object 12`. */
  readonly where: string
  readonly detail: string
}
