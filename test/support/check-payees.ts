/** "Så", of payees: what companies are told, who is paid for the first time, what waits for a person. */
import { type Day, formatDay } from '../../src/base/date.ts'
import { formatKroner, type Ore } from '../../src/base/money.ts'
import { readMonthOverview, readSpecification } from '../../src/modules/overview/index.ts'
import { endToEndIdOf, paymentOfEndToEndId } from '../../src/modules/payments/index.ts'
import { newPayeeText, refundText, workText } from '../../src/entry/text/index.ts'
import { readWorkItems, type WorkItem } from '../../src/modules/work-items/index.ts'
import { monthOf } from './line.ts'
import { aliasOf, codes, inAliases } from './names.ts'
import type { Play } from './play-scenario.ts'
import type { Row } from './read-scenario.ts'

const WORK: Readonly<Record<WorkItem['kind'], string>> = {
  paid_after_event: 'betalt efter hændelsen',
  overpaid: 'for meget udbetalt',
  not_taken: 'tages ikke',
  held: 'tilbageholdt',
  returned: 'returneret',
  held_payment: 'tilbageholdt betaling',
  double_payment: 'måske betalt to gange',
  acute_run: 'akut udbetaling',
  outside_payment: 'betalt udenom',
  claim_differs: 'fordringens rest',
  stopped_part: 'standset del',
  second_person: 'anden person',
  unanswered: 'uden svar',
  refused_file: 'fil afvist',
  payment_warned: 'forbehold',
  stop_asked: 'bedt standset',
  quarantined: 'karantæne',
  run_waits: 'kørsel venter',
  oversight_due: 'ledelsestilsyn',
  day_due: 'dag ikke godkendt',
  told_lacks: 'indberetning mangler',
}

/** Their text names a run or payment, whose number is the test's own. */
const NAMED_BY_RUN: ReadonlySet<WorkItem['kind']> = new Set([
  'acute_run',
  'unanswered',
  'refused_file',
  'payment_warned',
  'run_waits',
  'stop_asked',
])

/** The work items that are open. */
export async function work(play: Play): Promise<Row[]> {
  const rows: Row[] = []
  for (const code of codes(play)) {
    const { items } = await play.line.reader.transaction([code], (tx) => readWorkItems(tx, [code], 1_000))
    for (const item of items) {
      rows.push({
        opgave: WORK[item.kind],
        om: NAMED_BY_RUN.has(item.kind) ? '' : await paymentsByName(play, workText(item)),
        ejer: item.owner,
        beløb: formatKroner((item.amount ?? 0) as Ore),
        siden: item.since.slice(0, 10),
      })
    }
  }
  return rows
}

/** `0751R3N17`: the payment to Anna. */
async function paymentsByName(play: Play, text: string): Promise<string> {
  let named = text
  for (const [ref] of text.matchAll(/\d{4}R\d+N\d+/g)) {
    const of = paymentOfEndToEndId(ref)
    if (of === undefined) continue
    const row = await play.line.reader.transaction([of.municipality], (tx) =>
      tx.often.first<{ id: string }>(
        `select y.identifier as id from payments p join parties y on y.municipality_code = p.municipality_code
           and y.party_id = p.payee where p.municipality_code = $1 and p.payment_id = $2`,
        [of.municipality, of.payment],
      ),
    )
    named = named.replace(ref, `betalingen til ${aliasOf(play, row?.id ?? '')}`)
  }
  return named
}

/** Employee by employee what each payment to a company is; together they are the bank's line. */
export async function refunds(play: Play): Promise<Row[]> {
  const rows: Row[] = []
  for (const code of codes(play)) {
    await play.line.reader.transaction([code], async (tx) => {
      for (const { id } of await tx.often.rows<{ id: number }>('select payment_id as id from payments')) {
        const spec = await readSpecification(tx, code, endToEndIdOf(code, id), play.line.rates)
        for (const one of spec?.refunds ?? []) {
          rows.push({
            dato: formatDay(spec?.payments[0]?.dispositionDate as Day),
            modtager: aliasOf(play, spec?.payee.id ?? ''),
            medarbejder: aliasOf(play, one.employee.id),
            fra: formatDay(one.period.from),
            beløb: formatKroner(one.amount),
            tekst: refundText(one),
          })
        }
      }
    })
  }
  return rows
}

/** Whom the runs of the month that wait for approval pay for the first time. */
export async function firstPaid(play: Play): Promise<Row[]> {
  const rows: Row[] = []
  for (const code of codes(play)) {
    const found = await play.line.reader.transaction([code], (tx) =>
      readMonthOverview(tx, code, monthOf(play.month), 100, play.line.rates),
    )
    for (const one of found.newPayees.listed) {
      rows.push({ beløb: formatKroner(one.amount), tekst: inAliases(play, newPayeeText(one, true)) })
    }
  }
  return rows
}
