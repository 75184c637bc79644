/**
 * Every line that rail and bank have told of a municipality, read from their files by plain patterns, and whether the
 * product has placed it. Two counts by two ways: what has no place must be what the product itself lists.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Tx } from '../../src/base/db.ts'
import { type Municipality, municipalityText } from '../../src/base/id.ts'
import { numbersIn } from '../../src/modules/payments/number-ranges.ts'

export interface ToldLine {
  readonly file: string
  readonly kind: 'answer' | 'bank'
  /** The payment that an answer is about, or the bank's own reference. */
  readonly ref: string
  /** An answer in the numbers of NemKonto; '' when the rail's word has none. Of the bank: what it moved, in øre. */
  readonly said: string
  /** What the bank calls it; '' nothing. */
  readonly named: string
}

const NKS = /<NKSResponse([2-9])><OrgnlEndToEndId>(\w+)</g
const PAIN = /<OrgnlEndToEndId>(\w+)<\/OrgnlEndToEndId><TxSts>(\w+)<\/TxSts>(?:<StsRsnInf><Rsn><Cd>(\w+))?/g
const ENTRY =
  /<Ntry>(?:<NtryRef>(\w+)<\/NtryRef>)?<Amt Ccy="DKK">([\d.]+)<\/Amt><CdtDbtInd>(\w+)<.*?<AcctSvcrRef>(.+?)</g

/** As the bank means it, in the numbers of NemKonto. */
function answerOf(status: string, reason: string): string {
  if (status === 'ACSP' || status === 'ACWC') return '8'
  if (status !== 'RJCT') return ''
  return reason === 'AC01' ? '7' : '2'
}

function linesIn(file: string, text: string): ToldLine[] {
  if (file.startsWith('NKS-')) {
    return [...text.matchAll(NKS)].map(([, code = '', ref = '']) => {
      return { file, kind: 'answer', ref, said: '2789'.includes(code) ? code : '', named: ref }
    })
  }
  if (file.startsWith('PAIN002-')) {
    return [...text.matchAll(PAIN)].map(([, ref = '', status = '', reason = '']) => {
      return { file, kind: 'answer', ref, said: answerOf(status, reason), named: ref }
    })
  }
  return [...text.matchAll(ENTRY)].map(([, named = '', kroner = '', direction, ref = '']) => {
    const ore = Math.round(Number(kroner) * 100) * (direction === 'DBIT' ? -1 : 1)
    return { file, kind: 'bank', ref, said: String(ore), named }
  })
}

/** What answers and statements say, file by file; a copy under another name is no more than what it is a copy of. */
export function toldLines(folder: string, code: Municipality): ToldLine[] {
  const own = new RegExp(`^(NKS|PAIN002)-${municipalityText(code)}R|^camt053-999900000${municipalityText(code)}\\d-`)
  const seen = new Set<string>()
  return readdirSync(folder)
    .filter((name) => own.test(name))
    .sort()
    .flatMap((name) => {
      const text = readFileSync(join(folder, name), 'utf8')
      const sha = createHash('sha256').update(text).digest('hex')
      if (seen.has(sha)) return []
      seen.add(sha)
      return linesIn(name, text)
    })
}

/** Those that the product has not placed by itself: no answer stored, no movement settled or returned. */
export async function withoutPlace(tx: Tx, code: Municipality, lines: readonly ToldLine[]): Promise<ToldLine[]> {
  const place = municipalityText(code)
  const stored = new Set<string>()
  for (const { run, numbers } of await tx.rows<{ run: number; numbers: string }>(
    'select run_no as run, numbers::text as numbers from accepted_payments where municipality_code = $1',
    [code],
  )) {
    for (const number of numbersIn(numbers)) stored.add(`${place}R${run}N${number} 8`)
  }
  for (const { ref, answer } of await tx.rows<{ ref: string; answer: number }>(
    `select (payment_id >> 24) || 'N' || (payment_id & 16777215) as ref, answer from payment_answers
     where municipality_code = $1`,
    [code],
  )) {
    stored.add(`${place}R${ref} ${answer}`)
  }
  for (const { account, ref, ore } of await tx.rows<{ account: string; ref: string; ore: number }>(
    `select e.account, e.bank_ref as ref, e.amount_ore as ore from statement_entries e
     left join statement_entries l on l.municipality_code = e.municipality_code and l.account = e.account
       and l.bank_ref = e.bank_ref || '~'
       and not exists (select from hand_matches h where h.municipality_code = e.municipality_code
         and h.account = e.account and h.bank_ref = e.bank_ref)
     where e.municipality_code = $1 and coalesce(l.match, e.match) in ('settled', 'returned')`,
    [code],
  )) {
    stored.add(`${account} ${ref} ${ore}`)
  }
  return lines.filter(({ file, kind, ref, said }) => {
    const account = /^camt053-(\w+)-/.exec(file)?.[1]
    return !stored.has(kind === 'bank' ? `${account} ${ref} ${said}` : `${ref} ${said}`)
  })
}
