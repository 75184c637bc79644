/** One exchange of files: reads what is new, books it and answers it as the NemKonto system would. */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Day, formatDay } from '../../base/date.ts'
import type { RailAnswer } from '../../modules/payments/message.ts'
import { writeAnswerFile } from '../nemkonto/write-answer-file.ts'
import { type BookedBundle, type Books, FATE, type FileMark, type StagedBundle, tellDay } from './books.ts'
import { writeWhole } from './files.ts'
import type { Journal } from './journal.ts'
import { type PaymentFile, readPaymentFile } from './read-payment-file.ts'

export interface ExchangeResult {
  files: number
  payments: number
  doubles: number
  answers: string[]
}

/** Files of one exchange are written at this time of the day that was given. */
const TIME = 'T09:00:00'
const RETURN_CODE = 'AC04'

const ANSWERS: Readonly<Record<number, Pick<RailAnswer, 'kind' | 'reason' | 'waitingAccount'>>> = {
  [FATE.paid]: { kind: 8, reason: '', waitingAccount: false },
  [FATE.formalError]: { kind: 2, reason: 'FORMAL', waitingAccount: false },
  [FATE.noAccount]: { kind: 7, reason: 'NOACCOUNT', waitingAccount: false },
  [FATE.waitingAccount]: { kind: 8, reason: '', waitingAccount: true },
  [FATE.returned]: { kind: 8, reason: '', waitingAccount: false },
}

function answerId(fileId: string, suffix: string): string {
  return (fileId + suffix).slice(-35)
}

function answerName(file: Pick<FileMark, 'name' | 'attempt'>, suffix: string): string {
  const stem = file.name.slice(0, -'.xml'.length)
  return `NKS-${stem}${file.attempt > 1 ? `~${file.attempt}` : ''}-${suffix}.xml`
}

function* firstAnswers(books: Books, staged: readonly StagedBundle[]): Generator<RailAnswer> {
  const seen = new Set<string>()
  for (const { ids, fates } of staged) {
    for (let i = 0; i < ids.length; i++) {
      const ref = ids[i] as string
      if (books.positions.has(ref) || books.dropped.has(ref) || seen.has(ref)) continue
      seen.add(ref)
      const answer = ANSWERS[fates[i] as number] as Pick<RailAnswer, 'kind' | 'reason' | 'waitingAccount'>
      yield { kind: answer.kind, ref, reason: answer.reason, waitingAccount: answer.waitingAccount }
    }
  }
}

/** Writes receipt and answers; what it writes depends on the books and the file alone. */
function answerFile(books: Books, out: string, file: FileMark, read: PaymentFile): string[] {
  const createdAt = file.date + TIME
  const receiptKind = file.unreadable === '' ? 1 : 0
  const receipt: RailAnswer = {
    kind: receiptKind,
    ref: file.fileId,
    reason: file.unreadable === '' ? '' : 'UNREADABLE',
    waitingAccount: false,
  }
  const receiptName = answerName(file, '1')
  const about = { fileId: file.fileId, createdAt }
  writeWhole(
    out,
    receiptName,
    writeAnswerFile({ ...about, answerId: answerId(file.fileId, '-1'), count: 1 }, [receipt]),
  )
  const answers = [...firstAnswers(books, read.bundles)]
  if (answers.length === 0) return [receiptName]
  const name = answerName(file, '2')
  const header = { ...about, answerId: answerId(file.fileId, '-2'), count: answers.length }
  writeWhole(out, name, writeAnswerFile(header, answers))
  return [receiptName, name]
}

/** Tells answer 9 about payments whose return has come due on or before `date`; once each. */
export function tellReturns(journal: Journal, out: string, date: Day): string[] {
  const { books } = journal
  const due = new Map<string, { file: FileMark; day: Day; bundles: number[] }>()
  for (let at = 0; at < books.bundles.length; at++) {
    const bundle = books.bundles[at] as BookedBundle
    const day = tellDay(books, bundle)
    if (day === undefined || day > date) continue
    const key = answerName(bundle.file, `9-${formatDay(day)}`)
    const entry = due.get(key) ?? { file: bundle.file, day, bundles: [] }
    entry.bundles.push(at)
    due.set(key, entry)
  }
  const names = [...due.keys()].sort()
  for (const name of names) {
    const { file, day, bundles } = due.get(name) as { file: FileMark; day: Day; bundles: number[] }
    const answers = bundles.flatMap((at) => lateAnswers(books, books.bundles[at] as BookedBundle))
    const id = answerId(file.fileId, `-9${formatDay(day).replaceAll('-', '')}`)
    const header = { answerId: id, fileId: file.fileId, createdAt: formatDay(day) + TIME, count: answers.length }
    writeWhole(out, name, writeAnswerFile(header, answers))
    journal.act({ t: 'told', bundles })
  }
  return names
}

function lateAnswers(books: Books, bundle: BookedBundle): RailAnswer[] {
  const answers: RailAnswer[] = []
  for (let i = bundle.first; i < bundle.first + bundle.count; i++) {
    const ref = books.ids[i] as string
    if (books.fates[i] !== FATE.returned || books.dropped.has(ref)) continue
    answers.push({ kind: 9, ref, reason: RETURN_CODE, waitingAccount: false })
  }
  return answers
}

/** Reads every complete file that is new, in the order of names. Repeated without new files it does nothing. */
export function exchange(journal: Journal, folder: string, out: string, date: Day): ExchangeResult {
  const { books } = journal
  const result: ExchangeResult = { files: 0, payments: 0, doubles: 0, answers: [] }
  const names = readdirSync(folder).filter((name) => name.endsWith('.xml'))
  for (const name of names.sort()) {
    const path = join(folder, name)
    const stat = statSync(path, { bigint: true })
    if (!stat.isFile()) continue
    const mark = `${stat.size}:${stat.mtimeNs}`
    const known = books.files.get(name)
    if (known?.mark === mark) continue
    const read = readPaymentFile(path)
    const attempt = (known?.attempt ?? 0) + 1
    const fileId = read.fileId === '' ? name.slice(0, -'.xml'.length).slice(-35) : read.fileId
    const { sha, unreadable } = read
    const file: FileMark = { name, fileId, mark, sha, attempt, date: formatDay(date), unreadable }
    const before = books.doubles
    // A file that is sent again is booked as a fault and not answered again.
    const isNew = !books.shas.has(sha)
    if (isNew) result.answers.push(...answerFile(books, out, file, read))
    for (const bundle of journal.file(file, read.bundles)) result.payments += bundle.count
    result.files++
    result.doubles += books.doubles - before
  }
  result.answers.push(...tellReturns(journal, out, date))
  return result
}
