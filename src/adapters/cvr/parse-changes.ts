/**
 * Companies as CVR distributes them, one JSON document a line → party events, as the door takes them. Of a company only
 * what it is now counts: its status without an end, and whether its life has ended. One that nothing stops any more is
 * told as that (restored), since its newest change. Never throws.
 */
import { STATUSES } from './statuses.ts'

/** A fact record of the door (`party_event`), or why the line cannot be read. Lines count from 1. */
export type CvrLine =
  | { readonly line: number; readonly record: Readonly<Record<string, string>>; readonly problem?: undefined }
  | { readonly line: number; readonly problem: CvrProblem; readonly record?: undefined }

export type CvrProblem = 'not_json' | 'no_company' | 'status_unknown' | 'date_unreadable'

/** Characters of one document. */
const LONGEST_LINE = 4_000_000

/** Lines are read as they are asked for. */
export function* parseCvrChanges(text: string): Generator<CvrLine> {
  for (const [i, row] of text.split(/\r?\n/).entries()) if (row.trim() !== '') yield* parseCompany(row, i + 1)
}

function parseCompany(row: string, line: number): CvrLine[] {
  const company = companyOf(row)
  if (typeof company === 'string') return [{ line, problem: company }]
  const cvr = company['cvrNummer']
  if (typeof cvr !== 'number' && typeof cvr !== 'string') return [{ line, problem: 'no_company' }]
  const found: CvrLine[] = []
  const statuses = periodsOf(company['virksomhedsstatus'])
  for (const { status, from, to } of statuses) {
    if (to !== undefined) continue
    const event = STATUSES[status]
    if (event === undefined) found.push({ line, problem: 'status_unknown' })
    else if (event !== null) found.push(eventOf(line, cvr, event, from))
  }
  const lives = periodsOf(company['livsforloeb'])
  if (lives.length > 0 && lives.every((life) => life.to !== undefined)) {
    const last = lives.map((life) => life.to as string).sort((a, b) => (a < b ? -1 : 1))
    found.push(eventOf(line, cvr, 'closed', last.at(-1)))
  }
  if (found.length > 0) return found
  const since = [...statuses, ...lives]
    .flatMap(({ from, to }) => [from ?? '', to ?? ''])
    .sort((a, b) => (a < b ? 1 : -1))
  return since.length === 0 ? [] : [eventOf(line, cvr, 'restored', since[0])]
}

function eventOf(line: number, cvr: number | string, event: string, date: string | undefined): CvrLine {
  if (date === undefined || !/^\d{4}-\d{2}-\d{2}$/.test(date)) return { line, problem: 'date_unreadable' }
  return { line, record: { record: 'party_event', cvr: String(cvr).padStart(8, '0'), event, date } }
}

type JsonObject = Readonly<Record<string, unknown>>

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The document itself, or as a hit of the search (`_source`). */
function companyOf(row: string): JsonObject | CvrProblem {
  if (row.length > LONGEST_LINE) return 'not_json'
  let value: unknown
  try {
    value = JSON.parse(row)
  } catch {
    return 'not_json'
  }
  const source = isObject(value) && isObject(value['_source']) ? value['_source'] : value
  const company = isObject(source) ? source['Vrvirksomhed'] : undefined
  return isObject(company) ? company : 'no_company'
}

function periodsOf(list: unknown): { status: string; from: string | undefined; to: string | undefined }[] {
  if (!Array.isArray(list)) return []
  return list.filter(isObject).map((one) => {
    const period = isObject(one['periode']) ? one['periode'] : {}
    const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value.slice(0, 10) : undefined)
    const status = typeof one['status'] === 'string' ? one['status'].replaceAll(' ', '').toUpperCase() : ''
    return { status, from: text(period['gyldigFra']), to: text(period['gyldigTil']) }
  })
}
