/** "Så", of what rail and bank sent: what lies in quarantine, and what bank lines were found to be. */
import { formatMonth } from '../../src/base/date.ts'
import { formatKroner, type Ore } from '../../src/base/money.ts'
import { notOurs, openLines, readQuarantine } from '../../src/modules/payments/index.ts'
import { codes } from './names.ts'
import type { Play } from './play-scenario.ts'
import type { Row } from './read-scenario.ts'

/** Line by line, whether of a file that is booked or of one that is refused. */
export async function quarantine(play: Play): Promise<Row[]> {
  const rows: Row[] = []
  for (const code of codes(play)) {
    const found = await play.line.reader.transaction([code], (tx) => readQuarantine(tx, code, 1_000))
    for (const one of found) {
      rows.push({
        fil: one.kind === 'answers' ? 'svar' : one.kind === 'statement' ? 'kontoudtog' : 'advis',
        linje: one.refused ? 'hele filen' : String(one.line),
        grund: one.code,
      })
    }
  }
  return rows
}

/** What others moved on shared accounts. */
export async function others(play: Play): Promise<Row[]> {
  const rows: Row[] = []
  for (const code of codes(play)) {
    const found = await play.line.reader.transaction([code], (tx) => notOurs(tx, code))
    for (const one of found) {
      rows.push({
        måned: formatMonth(one.month),
        antal: String(one.entries),
        ud: formatKroner(one.out),
        ind: formatKroner(one.in),
      })
    }
  }
  return rows
}

const MATCHES: Readonly<Record<string, string>> = {
  settled: 'betalt',
  returned: 'returneret',
  unmatched: 'uafklaret',
  not_ours: 'ikke TØK',
  outside: 'betalt udenom',
}

/** Every movement, as it was found to be in the end; `kan være`: how many things it could be by amount and date. */
export async function bankLines(play: Play): Promise<Row[]> {
  const rows: Row[] = []
  for (const code of codes(play)) {
    await play.line.reader.transaction([code], async (tx) => {
      const open = new Map((await openLines(tx, code, 1_000)).map((one) => [one.bankRef, one.candidates.length]))
      const found = await tx.rows<{ ref: string; ore: Ore; match: string }>(
        `select e.bank_ref as ref, e.amount_ore as ore, coalesce(l.match, e.match) as match from statement_entries e
         left join statement_entries l on l.municipality_code = e.municipality_code and l.account = e.account
           and l.bank_ref = e.bank_ref || '~' where e.bank_ref not like '%~'`,
      )
      for (const { ref, ore, match } of found) {
        rows.push({ beløb: formatKroner(ore), linje: MATCHES[match] ?? match, 'kan være': String(open.get(ref) ?? 0) })
      }
    })
  }
  return rows
}
