/** Letters that were published: what of, what as, and that they passed the gate. No name, no number of a person. */
import type { Db, Tx } from '../../base/db.ts'
import { type Day, formatDay } from '../../base/date.ts'
import type { Municipality, PaymentId } from '../../base/id.ts'

export interface RecordedLetter {
  readonly letterNo: number
  readonly payment: PaymentId
  readonly template: string
  /** The version: its first day. */
  readonly version: Day
  /** Of template, version and data. */
  readonly digest: Buffer
  readonly html: Buffer
  readonly pdf: Buffer
  readonly memo: Buffer
  /** How many rules the gate held it against; a letter that failed one is not here. */
  readonly checks: number
  /** In whole seconds, UTC: the letter was made of it. */
  readonly at: string
  readonly by: string
}

const COLUMNS = `letter_no as "letterNo", payment_id as payment, template, version, data_sha256 as digest,
  html_sha256 as html, pdf_sha256 as pdf, memo_sha256 as memo, checks,
  to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as at, by_actor as by`

export async function lettersOf(db: Db, municipality: Municipality, payment: PaymentId): Promise<RecordedLetter[]> {
  return await db.rows<RecordedLetter>(
    `select ${COLUMNS} from letters where municipality_code = $1 and payment_id = $2 order by letter_no`,
    [municipality, payment],
  )
}

export async function nextLetterNo(tx: Tx, municipality: Municipality): Promise<number> {
  const last = await tx.first<{ no: number }>(
    'select coalesce(max(letter_no), 0) as no from letters where municipality_code = $1',
    [municipality],
  )
  return (last?.no ?? 0) + 1
}

export async function recordLetter(tx: Tx, municipality: Municipality, letter: RecordedLetter): Promise<void> {
  const { letterNo, payment, template, version, digest, html, pdf, memo, checks, at, by } = letter
  await tx.run('insert into letters values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)', [
    municipality,
    letterNo,
    payment,
    template,
    formatDay(version),
    digest,
    html,
    pdf,
    memo,
    checks,
    at,
    by,
  ])
}
