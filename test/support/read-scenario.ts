/** Reads a scenario: Markdown with four kinds of section, tables and one list. Whatever it does not know is a fault. */

export type Row = Readonly<Record<string, string>>

export interface Table {
  /** The `###` heading above it; '' when there is none. */
  readonly name: string
  readonly columns: readonly string[]
  readonly rows: readonly Row[]
}

export type SectionKind = 'Givet' | 'Ordrer' | 'Når' | 'Så'

export interface Section {
  readonly kind: SectionKind
  readonly tables: readonly Table[]
  /** List items. */
  readonly items: readonly string[]
}

export interface Scenario {
  readonly title: string
  /** After "Kendt fejl:": the rule is right and we do not keep it yet. The test is run and may fail. */
  readonly knownFault: string
  readonly sections: readonly Section[]
}

const KINDS: readonly SectionKind[] = ['Givet', 'Ordrer', 'Når', 'Så']

const KNOWN_FAULT = 'Kendt fejl:'

interface Draft {
  kind: SectionKind
  tables: { name: string; columns: string[]; rows: Row[] }[]
  items: string[]
}

export function readScenario(text: string): Scenario {
  const sections: Draft[] = []
  let title = ''
  let knownFault = ''
  let name = ''
  let open = false
  for (const [i, line] of text.split('\n').entries()) {
    const at = `line ${i + 1}`
    const section = sections.at(-1)
    if (line.startsWith('# ')) title = line.slice(2).trim()
    else if (line.startsWith(KNOWN_FAULT)) knownFault = line.slice(KNOWN_FAULT.length).trim()
    else if (line.startsWith('## ')) {
      sections.push({ kind: kindOf(line.slice(3).trim(), at), tables: [], items: [] })
      name = ''
    } else if (line.startsWith('### ')) name = line.slice(4).trim()
    else if (line.startsWith('|')) {
      if (section === undefined) throw new Error(`${at}: a table before the first section`)
      if (!open) section.tables.push({ name, columns: cellsOf(line), rows: [] })
      else addRow(section.tables.at(-1) as Draft['tables'][number], line, at)
    } else if (line.startsWith('- ')) {
      if (section?.kind !== 'Når') throw new Error(`${at}: a list belongs under "## Når"`)
      section.items.push(line.slice(2).trim())
    }
    open = line.startsWith('|')
  }
  if (title === '' || !sections.some((section) => section.kind === 'Så')) {
    throw new Error('a scenario has a title (#) and at least one "## Så"')
  }
  return { title, knownFault, sections }
}

function kindOf(text: string, at: string): SectionKind {
  const kind = KINDS.find((one) => one === text)
  if (kind === undefined) throw new Error(`${at}: "${text}" is none of ${KINDS.join(', ')}`)
  return kind
}

function cellsOf(line: string): string[] {
  return line
    .trim()
    .replace(/^\||\|$/g, '')
    .split('|')
    .map((cell) => cell.trim())
}

function addRow(table: Draft['tables'][number], line: string, at: string): void {
  const cells = cellsOf(line)
  if (cells.every((cell) => /^:?-+:?$/.test(cell))) return
  if (cells.length !== table.columns.length) {
    throw new Error(`${at}: ${cells.length} cells under ${table.columns.length} columns`)
  }
  table.rows.push(Object.fromEntries(table.columns.map((column, i) => [column, cells[i] ?? ''])))
}

/** `12.550,00`, `12.550` or `-600` kroner → whole øre. */
export function oreOf(text: string): number {
  const match = /^(-?)(\d{1,3}(?:\.\d{3})+|\d+)(?:,(\d{2}))?$/.exec(text)
  if (match === null) throw new Error(`"${text}" is not an amount in kroner such as 12.550,00`)
  const ore = Number(match[2]?.replaceAll('.', '')) * 100 + Number(match[3] ?? '0')
  return match[1] === '-' ? -ore : ore
}

/** `2026-03`, or `2026-03-02 til 2026-03-29` with both days in it, as the half-open period of an order. */
export function periodOf(text: string): { from: string; to: string } {
  const month = /^(\d{4})-(\d{2})$/.exec(text)
  if (month !== null) {
    const [year, number] = [Number(month[1]), Number(month[2])]
    const next = number === 12 ? `${year + 1}-01` : `${year}-${String(number + 1).padStart(2, '0')}`
    return { from: `${text}-01`, to: `${next}-01` }
  }
  const days = /^(\d{4}-\d{2}-\d{2}) til (\d{4}-\d{2}-\d{2})$/.exec(text)
  if (days === null) throw new Error(`"${text}" is not a period such as 2026-03 or 2026-03-02 til 2026-03-29`)
  const to = new Date(Date.parse(`${days[2]}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10)
  return { from: days[1] as string, to }
}
