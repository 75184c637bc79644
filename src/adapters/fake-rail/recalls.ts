/** NemKonto's stop and the bank's recall: what is asked back is stopped when its money has not left, else refused. */
import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Day, formatDay } from '../../base/date.ts'
import { writeRecallAnswer } from '../bank/recall.ts'
import { STOP } from '../nemkonto/layout.ts'
import { writeStopAnswer } from '../nemkonto/stop.ts'
import { type BookedBundle, type Books, FATE, isDebited, runIn } from './books.ts'
import type { WholeFile } from './files.ts'
import type { Act } from './journal.ts'
import { isWrong } from './wrongs.ts'

/** What asks one payment, a bundle or a whole file back. */
const NAME = /^\d{4}R\d+(?:[NU]\d+)?S\.xml$/

export function isRecall(name: string): boolean {
  return NAME.test(name)
}

export type Outcome = 'cancelled' | 'refused' | 'pending'

export interface RecallFile {
  readonly name: string
  readonly mark: string
  readonly recallId: string
  readonly fileId: string
  /** '': the whole bundle or file. */
  readonly endToEndId: string
  /** '': the whole file, or one payment. */
  readonly bundleId: string
  readonly cvr: string
  readonly isBank: boolean
}

/** Undefined: it lies there as it was, and is answered. */
export function readRecall(books: Books, folder: string, name: string): RecallFile | undefined {
  const path = join(folder, name)
  const { size } = statSync(path)
  const text = readFileSync(path, 'utf8')
  const mark = `${size}:${createHash('sha256').update(text).digest('hex')}`
  const known = books.recalls.get(name)
  if (known?.mark === mark && known.outcome !== 'pending') return undefined
  const one = (element: string): string => new RegExp(`<${element}>([^<]*)</${element}>`).exec(text)?.[1] ?? ''
  const isBank = text.includes('camt.055.001.08')
  const recallId = isBank ? (/<Assgnmt><Id>(\w+)</.exec(text)?.[1] ?? '') : one(STOP.stopId.element)
  return {
    name,
    mark,
    recallId,
    fileId: one(STOP.fileId.element),
    endToEndId: one(STOP.endToEndId.element),
    bundleId: one('OrgnlPmtInfId'),
    cvr: /(\d{8})/.exec(text.slice(text.indexOf('<OrgId>')))?.[1] ?? '00000000',
    isBank,
  }
}

/** Where a payment lies in the books; undefined: it is not known, or will never be debited. */
function openPayment(books: Books, id: string): { at: number; position: number } | undefined {
  const position = books.ids.indexOf(id)
  if (position < 0 || !isDebited(books.fates[position] as number)) return undefined
  const at = books.bundles.findIndex((one) => position >= one.first && position < one.first + one.count)
  return { at, position }
}

/** The answer to a recall and the acts that it is; asked while it is not decided it is answered again. */
export function answerRecall(books: Books, recall: RecallFile, date: Day): { file: WholeFile; acts: Act[] } {
  const { name, mark, recallId, endToEndId, isBank } = recall
  const before = books.recalls.get(name)
  const ids = endToEndId === '' ? idsOf(books, recall) : [endToEndId]
  const told = ids.map((id) => ({ id, outcome: outcomeOf(books, id, before !== undefined) }))
  const answerId = `${recallId}-${before === undefined ? 1 : 2}`
  const as = `${isBank ? 'CAMT029' : 'NKSSTOP'}-${answerId}.xml`
  const text = isBank
    ? bankAnswer(recall, answerId, told, date)
    : nksAnswer(recall, answerId, told[0]?.outcome ?? 'refused', date)
  const acts = told.map(({ id, outcome }) => ({ t: 'recalled', name, mark, endToEndId: id, outcome }) as const)
  return { file: { name: as, chunks: [text] }, acts }
}

/** The payments of a file or bundle. */
function idsOf(books: Books, { fileId, bundleId }: RecallFile): string[] {
  if (bundleId === '') return books.ids.filter((id) => id.startsWith(`${runIn(fileId)}N`))
  const own = books.bundles.filter((one) => one.bundleId === bundleId)
  return own.flatMap(({ first, count }) => books.ids.slice(first, first + count))
}

function outcomeOf(books: Books, endToEndId: string, isAsked: boolean): Outcome {
  if (!isAsked && isWrong(books.wrongs, 'undecided', endToEndId)) return 'pending'
  const open = openPayment(books, endToEndId)
  if (open === undefined) return 'refused'
  return (books.bundles[open.at] as BookedBundle).booked === undefined ? 'cancelled' : 'refused'
}

function nksAnswer({ fileId, endToEndId }: RecallFile, answerId: string, outcome: Outcome, date: Day): string {
  const status = { cancelled: 'STOPPET', refused: 'AFVIST', pending: 'BEHANDLES' } as const
  const reason = { cancelled: '', refused: 'GENNEMFOERT', pending: '' }[outcome]
  const header = { answerId, fileId, createdAt: `${formatDay(date)}T10:00:00` }
  return writeStopAnswer(header, { endToEndId, status: status[outcome], reason })
}

/** All of a file the same way is said of the file; else of each payment. */
function bankAnswer(
  recall: RecallFile,
  answerId: string,
  told: readonly { readonly id: string; readonly outcome: Outcome }[],
  date: Day,
): string {
  const { recallId, fileId, endToEndId, bundleId, cvr } = recall
  const outcomes = new Set(told.map((one) => one.outcome))
  const [first = 'refused'] = outcomes
  const confirmation = { cancelled: 'CNCL', refused: 'RJCR', pending: 'PDCR' }[outcomes.size > 1 ? 'cancelled' : first]
  const status = { cancelled: 'ACCR', refused: 'RJCR', pending: 'PDCR' }
  const reason = { cancelled: '', refused: 'CUST', pending: '' }
  const header = { answerId, recallId, fileId, createdAt: `${formatDay(date)}T10:00:00` }
  const isAlike = endToEndId === '' && bundleId === '' && outcomes.size === 1
  const payments = told.map(({ id, outcome }) => {
    return { bundleId: '', endToEndId: id, status: status[outcome], reason: reason[outcome] }
  })
  const group = endToEndId === '' && bundleId === '' ? (isAlike ? status[first] : 'PACR') : ''
  return writeRecallAnswer(header, cvr, confirmation, isAlike ? [] : payments, group)
}

/** What is stopped is never debited, nor does it come back; unless it is told to be, in vain. */
export function markRecalled(books: Books, act: Extract<Act, { readonly t: 'recalled' }>): void {
  books.recalls.set(act.name, { mark: act.mark, outcome: act.outcome })
  const open = openPayment(books, act.endToEndId)
  if (act.outcome !== 'cancelled' || open === undefined) return
  if (isWrong(books.wrongs, 'stopped_in_vain', act.endToEndId)) return
  const bundle = books.bundles[open.at] as BookedBundle
  const amount = books.amounts[open.position] as number
  const comesBack = books.fates[open.position] === FATE.returned
  books.fates[open.position] = FATE.stopped
  bundle.accepted--
  bundle.acceptedSum -= amount
  if (!comesBack) return
  bundle.returns--
  bundle.returnSum -= amount
  if (bundle.returns === 0) books.untold.delete(open.at)
}
