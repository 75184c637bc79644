/**
 * Orders and envelopes as text. Strings are concatenated and nothing is escaped: every word comes from our own tables,
 * and a test parses every record of a large town.
 */
import type { Day } from '../../../base/date.ts'
import { formatDay } from '../../../base/date.ts'
import { cprOf, FIRST_PENSIONER } from './people.ts'
import type { PlannedLine, PlannedOrder, Setting } from './plan.ts'
import { mix, uuid } from './random.ts'

/** Lines and øre by kind, as an envelope declares them. */
export interface Sums {
  readonly lines: [number, number, number, number]
  readonly ore: [number, number, number, number]
}

const KINDS = ['benefit', 'set_off', 'third_party', 'repayment'] as const
const KIND_AT = { benefit: 0, set_off: 1, third_party: 2, repayment: 3 } as const

export function noSums(): Sums {
  return { lines: [0, 0, 0, 0], ore: [0, 0, 0, 0] }
}

export function addSums(sums: Sums, order: PlannedOrder): void {
  for (const line of order.lines) {
    const at = KIND_AT[line.kind]
    sums.lines[at] += 1
    sums.ore[at] += line.amount
  }
}

export function envelopeText(setting: Setting, system: string, count: number, sums: Sums): string {
  const { town, dates } = setting
  const declared = KINDS.map((kind, at) => `"${kind}":{"lines":${sums.lines[at]},"ore":${sums.ore[at]}}`).join(',')
  return (
    `{"record":"envelope","schema":1,"file_id":"${system}-${town.text}-${dates.text}-01","source_system":"${system}",` +
    `"municipality":"${town.text}","month":"${dates.text}","count":${count},"sums":{${declared}}}\n`
  )
}

let knownFrom = Number.NaN
let knownTo = Number.NaN
let knownPeriod = ''

/** `"period":{…}`: most lines have the period of the line before them. */
export function periodText(from: Day, to: Day): string {
  if (from !== knownFrom || to !== knownTo) {
    knownFrom = from
    knownTo = to
    knownPeriod = `"period":{"from":"${formatDay(from)}","to":"${formatDay(to)}"}`
  }
  return knownPeriod
}

function benefitText(order: PlannedOrder, line: PlannedLine, seed: number, cpr: string, number: number): string {
  const { component } = line
  let text = `{"line_key":"${number}","kind":"benefit",${component.before}`
  text += order.vip ? 'VIP_SAGER' : component.sensitivity
  text += component.after + uuid(mix(mix(seed, order.person), component.salt))
  text += `","benefit_id":"1"},${periodText(line.from, line.to)},"quantity":{"unit":"${line.unit}",`
  text += `"value":"${line.value}"},"amount_ore":${line.amount},"repayable":${line.repayable},"text":"${line.text}"`
  if (line.ofEmployee) text += `,"employee":"${cpr}","reference":"${line.reference}"`
  if (line.notDuplicateOf !== '') text += `,"not_duplicate_of":"${line.notDuplicateOf}"`
  return `${text}}`
}

function lineText(order: PlannedOrder, line: PlannedLine, seed: number, cpr: string, number: number): string {
  switch (line.kind) {
    case 'benefit':
      return benefitText(order, line, seed, cpr, number)
    case 'set_off':
      return `{"line_key":"${number}","kind":"set_off","amount_ore":${line.amount},"claim_key":"${line.claimKey}"}`
    case 'third_party':
      return (
        `{"line_key":"${number}","kind":"third_party","amount_ore":${line.amount},` +
        `"payee":{"type":"cvr","id":"${line.payee}"},"reference":"${line.reference}"}`
      )
    case 'repayment':
      return (
        `{"line_key":"${number}","kind":"repayment","benefit":"${line.component.benefit}",` +
        `"component":"${line.component.component}",${periodText(line.from, line.to)},"amount_ore":${line.amount},` +
        `"claim_key":"${line.claimKey}","cause":"urigtig_oplysning",` +
        `"decision":{"key":"T-${order.key.slice(-7)}","date":"${formatDay(order.decided)}"}}`
      )
  }
}

/** One order as a line of a file, with its line break. */
export function orderText(setting: Setting, order: PlannedOrder): string {
  const { town } = setting
  const person = order.person
  const cpr = cprOf(town, person)
  const caseNumber = person >= FIRST_PENSIONER ? `P${person - FIRST_PENSIONER}` : String(person)
  const payee = order.payeeCvr === '' ? `cpr","id":"${cpr}` : `cvr","id":"${order.payeeCvr}`
  let text = `{"order_key":"${order.key}","version":1,"source_system":"${order.system}","municipality":"${town.text}",`
  text += `"case_key":"${order.system}-${town.text}-${caseNumber}","state":"active","decision":{"key":"A-`
  text += `${order.key.slice(-7)}","date":"${formatDay(order.decided)}"},"beneficiary":{"type":"cpr","id":"`
  text += `${cpr}"},"payee":{"type":"${payee}"},"disposition_date":"${formatDay(order.disposition)}",`
  text += `"settle":"${order.settle}","lines":[`
  for (let i = 0; i < order.lines.length; i++) {
    if (i > 0) text += ','
    text += lineText(order, order.lines[i] as PlannedLine, town.seed, cpr, i + 1)
  }
  return `${text}]}\n`
}
