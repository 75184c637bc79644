/** "Så", of payees: what companies are told, who is paid for the first time, what waits for a person. */
import { type Day, formatDay } from '../../src/base/date.ts'
import { formatKroner, type Ore } from '../../src/base/money.ts'
import { readMonthOverview, readSpecification } from '../../src/modules/overview/index.ts'
import { endToEndIdOf } from '../../src/modules/payments/index.ts'
import { newPayeeText, refundText, workText } from '../../src/entry/web/text.ts'
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
  stopped_part: 'standset del',
  second_person: 'anden person',
  unanswered: 'uden svar',
  quarantined: 'karantæne',
}

/** The work items that are open. */
export async function work(play: Play): Promise<Row[]> {
  const rows: Row[] = []
  for (const code of codes(play)) {
    const { items } = await play.line.reader.transaction([code], (tx) => readWorkItems(tx, [code], 1_000))
    for (const item of items) {
      rows.push({
        opgave: WORK[item.kind],
        om: item.kind === 'unanswered' || item.kind === 'returned' ? '' : workText(item),
        ejer: item.owner,
        beløb: formatKroner((item.amount ?? 0) as Ore),
        siden: item.since.slice(0, 10),
      })
    }
  }
  return rows
}

/** Employee by employee what each payment to a company is; together they are the bank's line. */
export async function refunds(play: Play): Promise<Row[]> {
  const rows: Row[] = []
  for (const code of codes(play)) {
    await play.line.reader.transaction([code], async (tx) => {
      for (const { id } of await tx.rows<{ id: number }>('select payment_id as id from payments')) {
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
