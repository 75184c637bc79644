/** `toek compare`: what TØK calculated for a month, beside what the old solution paid. @da skyggekørsel */
import { createReadStream, existsSync } from 'node:fs'
import { fault, type OldPaymentContext, parseOldPayment, readLines } from '../../adapters/source-systems/index.ts'
import type { Connection } from '../../base/db.ts'
import { formatDay, formatMonth, type Period } from '../../base/date.ts'
import { type Municipality, municipalityText } from '../../base/id.ts'
import { kroner } from '../../base/money.ts'
import { type Fault, Refusal } from '../../base/refusal.ts'
import { SOURCE_SYSTEMS, type SourceSystem } from '../../modules/orders/index.ts'
import {
  addTheirs,
  COMPARED,
  type ComparedLine,
  compareMonth,
  type MonthLine,
  type TheirMonth,
} from '../../modules/overview/index.ts'
import type { RateReader } from '../../modules/rates/index.ts'
import { partyJson } from '../web/index.ts'
import { partyText, periodText } from '../text/index.ts'
import { flag, lacks, monthOption, optionsOf, text } from './options.ts'
import type { Progress } from './progress.ts'
import type { Verb } from './verbs.ts'
import { EXIT, municipalitiesOf, reporter, withDatabase } from './world.ts'

const HELP = `toek compare: a month as TØK calculated it, beside what the old solution paid (skyggekørsel)

  --month 2026-03            what is to be paid in this month; it need only be calculated, not released
  --with FILE                what the old solution paid: one JSON object a line, plain or gzip (docs/operating.md)
  --municipality 0751[,0101…]|all   default: those in the file; lines of others are passed over
  --json

Lines are the same when source system, person, benefit and period are; several of one are added up. Only the source
systems that the file names are compared. Exit: 0 all are equal, 1 some differ or are known to one alone, 4 refused.
`

/** Lines of a file. More goes in several files, by municipality. */
const MOST_LINES = 250_000
/** Faults that are told; the rest is seen when these are mended. */
const MOST_FAULTS = 50
/** Of each outcome, that are listed; all are counted. */
const MOST_LISTED = 1_000

interface OldMonth {
  readonly lines: number
  readonly passedOver: number
  readonly sources: readonly SourceSystem[]
  readonly of: ReadonlyMap<Municipality, TheirMonth>
}

const OUTCOMES = ['equal', 'different', 'only_ours', 'only_theirs'] as const
type Count = Record<ComparedLine['outcome'], number>
interface BenefitSum extends Count {
  readonly source: SourceSystem
  readonly benefit: string
  /** As COMPARED. */
  readonly ours: number[]
  readonly theirs: number[]
}

interface Compared {
  readonly benefits: readonly BenefitSum[]
  readonly listed: readonly { readonly municipality: Municipality; readonly line: ComparedLine }[]
}

export const compareVerb: Verb = {
  help: HELP,
  async run(world, args) {
    const { values } = optionsOf(args, { month: text, with: text, municipality: text, json: flag }, false)
    const [month, path] = [monthOption(values.month, HELP), values.with]
    if (path === undefined) throw lacks('Say the file of what the old solution paid: --with FILE.', HELP)
    if (!existsSync(path)) throw new Refusal('no_file', `There is no file ${path}.`)
    return await withDatabase(world, 'reader', 'compare', async (opened, connection) => {
      const show = reporter(world, values.json === true)
      try {
        const asked =
          values.municipality === undefined ? undefined : municipalitiesOf(values.municipality, opened.rates)
        show.stage(path)
        const theirs = await readTheirs(path, month, opened.rates, asked, show)
        const municipalities = asked ?? [...theirs.of.keys()].sort((a, b) => a - b)
        const found = await compareAll(connection, month, theirs, municipalities, show)
        const count = countOf(found.benefits)
        const json = {
          month: formatMonth(month.from),
          ...headOf(theirs, municipalities),
          ...count,
          ...bodyOf(found, count),
        }
        world.out(values.json === true ? `${JSON.stringify(json)}\n` : asText(found, theirs, count))
        return count.different + count.only_ours + count.only_theirs === 0 ? EXIT.done : EXIT.wrong
      } finally {
        show.end()
      }
    })
  },
}

/** @throws Refusal `faults` that names every line and field that is wrong; then nothing is compared. */
async function readTheirs(
  path: string,
  month: Period,
  rates: RateReader,
  asked: readonly Municipality[] | undefined,
  show: Progress,
): Promise<OldMonth> {
  const { municipalities, benefits, benefitSystem } = rates.known
  const context: OldPaymentContext = { month, municipalities, benefits, benefitSystem }
  const wanted = asked === undefined ? undefined : new Set(asked)
  const of = new Map<Municipality, TheirMonth>()
  const named = new Set<SourceSystem>()
  const faults: string[] = []
  let [lines, passedOver] = [0, 0]
  const tell = (place: string, found: readonly Fault[]) =>
    faults.push(...found.map((one) => `${place}${one.pointer} ${one.code}: ${one.detail}`))
  const stream = readLines(createReadStream(path, { highWaterMark: 1 << 18 }))
  for await (const batch of stream.batches) {
    for (const { number, text: line, problem } of batch) {
      const found =
        problem === undefined ? parseOldPayment(line, context) : [fault(problem, '', 'The line cannot be read.')]
      if (!('source' in found)) tell(`line ${number} `, found)
      else if (wanted?.has(found.municipality) === false) passedOver++
      else {
        const { municipality, ...own } = found
        named.add(own.source)
        const known = of.get(municipality) ?? new Map()
        of.set(municipality, known)
        addTheirs(known, own, number)
      }
    }
    show.done((lines += batch.length))
    if (faults.length > MOST_FAULTS) break
    if (lines > MOST_LINES)
      throw new Refusal('file_too_large', `The file has more than ${MOST_LINES} lines: split it by municipality.`)
  }
  tell('', stream.receipt()?.faults ?? [])
  if (faults.length > MOST_FAULTS) faults.splice(MOST_FAULTS, faults.length, '… and more')
  if (faults.length > 0) throw new Refusal('faults', faults.join('\n'))
  if (named.size === 0) throw new Refusal('faults', 'The file tells no payment of the municipalities asked for.')
  return { lines, passedOver, sources: SOURCE_SYSTEMS.filter((one) => named.has(one)), of }
}

async function compareAll(
  connection: Connection,
  month: Period,
  theirs: OldMonth,
  municipalities: readonly Municipality[],
  show: Progress,
): Promise<Compared> {
  const benefits = new Map<string, BenefitSum>()
  const listed: { municipality: Municipality; line: ComparedLine }[] = []
  const seen = { ...NONE }
  let done = 0
  show.stage('sammenligning')
  for (const municipality of municipalities) {
    const own: TheirMonth = theirs.of.get(municipality) ?? new Map()
    await connection.transaction([municipality], async (tx) => {
      for await (const line of compareMonth(tx, municipality, month, theirs.sources, own)) {
        addUp(benefits, line)
        if (line.outcome !== 'equal' && ++seen[line.outcome] <= MOST_LISTED) listed.push({ municipality, line })
        done++
      }
    })
    show.done(done)
  }
  return { benefits: [...benefits.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, sum]) => sum), listed }
}

function addUp(benefits: Map<string, BenefitSum>, { outcome, ours, theirs }: ComparedLine): void {
  const { source, benefit } = (ours ?? theirs) as MonthLine
  const key = `${source} ${benefit}`
  const nothing = () => COMPARED.map(() => 0)
  const sum = benefits.get(key) ?? { ...NONE, source, benefit, ours: nothing(), theirs: nothing() }
  benefits.set(key, sum)
  sum[outcome]++
  for (const i of COMPARED.keys()) {
    sum.ours[i] = (sum.ours[i] ?? 0) + (ours?.amounts[i] ?? 0)
    sum.theirs[i] = (sum.theirs[i] ?? 0) + (theirs?.amounts[i] ?? 0)
  }
}

const NONE: Count = { equal: 0, different: 0, only_ours: 0, only_theirs: 0 }

function countOf(benefits: readonly BenefitSum[]): Count {
  const count = { ...NONE }
  for (const one of benefits) for (const outcome of OUTCOMES) count[outcome] += one[outcome]
  return count
}

function headOf({ lines, passedOver, sources }: OldMonth, municipalities: readonly Municipality[]) {
  return {
    source_systems: sources,
    municipalities: municipalities.map(municipalityText),
    lines,
    passed_over: passedOver,
  }
}

function bodyOf({ benefits, listed }: Compared, count: Count) {
  const amounts = (ore: readonly number[]) => Object.fromEntries(COMPARED.map((name, i) => [name, ore[i]]))
  return {
    benefits: benefits.map(({ source, ours, theirs, ...one }) => ({
      source_system: source,
      ...one,
      ours: amounts(ours),
      theirs: amounts(theirs),
    })),
    differences: listed.map(({ municipality, line }) => {
      const { source, person, benefit, period } = (line.ours ?? line.theirs) as MonthLine
      return {
        outcome: line.outcome,
        municipality: municipalityText(municipality),
        source_system: source,
        person: partyJson(person),
        benefit,
        period: { from: formatDay(period.from), to: formatDay(period.to) },
        fields: fieldsOf(line).map(({ name, ours, theirs }) => ({ field: name, ours_ore: ours, theirs_ore: theirs })),
        lines: line.theirs?.lines ?? [],
        explain: line.orders.map((key) => explainOf(municipality, source, key)),
      }
    }),
    not_listed: count.different + count.only_ours + count.only_theirs - listed.length,
  }
}

/** What differs; of a line that one alone knows, all that is in it. */
function fieldsOf({ ours, theirs }: ComparedLine) {
  return COMPARED.flatMap((name, i) => {
    const [own, other] = [ours?.amounts[i] ?? 0, theirs?.amounts[i] ?? 0]
    return own === other ? [] : [{ name, ours: own, theirs: other }]
  })
}

function explainOf(municipality: Municipality, source: SourceSystem, orderKey: string): string {
  // Keys of our own have a blank.
  const key = orderKey.includes(' ') ? `'${orderKey}'` : orderKey
  return `toek explain ${source} ${key} --municipality ${municipalityText(municipality)}`
}

const OUTCOME_TEXT: Record<ComparedLine['outcome'], string> = {
  equal: 'ens',
  different: 'forskellige',
  only_ours: 'kun i TØK',
  only_theirs: 'kun i filen',
}
const FIELD_TEXT: Record<(typeof COMPARED)[number], string> = {
  gross_ore: 'brutto',
  own_atp_ore: 'eget ATP',
  am_ore: 'AM-bidrag',
  tax_ore: 'A-skat',
  set_off_ore: 'modregnet',
  third_party_ore: 'til tredjepart',
  net_ore: 'netto',
}

function asText({ benefits, listed }: Compared, theirs: OldMonth, count: Count): string {
  const rows = listed.map(({ municipality, line }) => {
    const { source, person, benefit, period } = (line.ours ?? line.theirs) as MonthLine
    const at = line.theirs === undefined ? '' : `, filens linje ${line.theirs.lines.join(', ')}`
    const head = `${municipalityText(municipality)} ${source} ${partyText(person)} ${benefit} ${periodText(period)}`
    const fields = fieldsOf(line).map(
      (one) => `  ${FIELD_TEXT[one.name]}: TØK ${kroner(one.ours)}, filen ${kroner(one.theirs)}`,
    )
    const explain = line.orders.map((key) => `  ${explainOf(municipality, source, key)}`)
    return [`${head}: ${OUTCOME_TEXT[line.outcome]}${at}`, ...fields, ...explain].join('\n')
  })
  const more = count.different + count.only_ours + count.only_theirs - listed.length
  const sums = benefits.map(({ source, benefit, ours, theirs: old, ...own }) => {
    const [gross, net] = [0, COMPARED.length - 1].map((i) => `${kroner(ours[i] ?? 0)} / ${kroner(old[i] ?? 0)}`)
    return `${source} ${benefit}: ${counts(own)}; brutto TØK / filen ${gross}, netto ${net}`
  })
  const passed = theirs.passedOver === 0 ? [] : [`${theirs.passedOver} linjer om andre kommuner er ikke med`]
  const rest = more === 0 ? [] : [`… og ${more} til: vælg kommuner med --municipality`]
  const compared = `Sammenlignet: ${theirs.sources.join(', ')}`
  return `${[...rows, ...rest, ...sums, ...passed, compared, `I alt: ${counts(count)}`].join('\n')}\n`
}

function counts(count: Count): string {
  return OUTCOMES.map((outcome) => `${count[outcome]} ${OUTCOME_TEXT[outcome]}`).join(', ')
}
