/** One exchange of files: reads what is new, books it and answers it as the NemKonto system would. */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Day, formatDay } from '../../base/date.ts'
import type { RailAnswer } from '../../modules/payments/index.ts'
import { writeAnswerFile } from '../nemkonto/write-answer-file.ts'
import { type BookedBundle, type Books, FATE, type FileMark, tellDay } from './books.ts'
import { writeWhole } from './files.ts'
import type { Journal } from './journal.ts'
import { readPaymentFile } from './read-payment-file.ts'

export interface ExchangeResult {
  files: number
  payments: number
  doubles: number
  answers: string[]
}

/** Files of one exchange are written at this time of the day that was given. */
const TIME = 'T09:00:00'
const RETURN_CODE = 'AC04'

type Answer = Pick<RailAnswer, 'kind' | 'reason' | 'waitingAccount'>

const ANSWERS: Readonly<Record<number, Answer>> = {
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

/** The first answer to each payment of a file, from the columns; can be gone through again. */
function firstAnswers(books: Books, file: FileMark): Iterable<RailAnswer> {
  const bundles = books.bundles.filter((each) => each.file === file)
  return {
    *[Symbol.iterator]() {
      for (const { first, count } of bundles) {
        for (let i = first; i < first + count; i++) {
          const ref = books.ids[i] as string
          if (books.dropped.has(ref)) continue
          const { kind, reason, waitingAccount } = ANSWERS[books.fates[i] as number] as Answer
          yield { kind, ref, reason, waitingAccount }
        }
      }
    },
  }
}

/** Writes receipt and answers; what it writes depends on the books alone, so it may be done again. */
function answerFile(books: Books, out: string, file: FileMark): string[] {
  const about = { fileId: file.fileId, createdAt: file.date + TIME }
  const isRead = file.unreadable === ''
  const receipt: RailAnswer = {
    kind: isRead ? 1 : 0,
    ref: file.fileId,
    reason: isRead ? '' : 'UNREADABLE',
    waitingAccount: false,
  }
  const receiptName = answerName(file, '1')
  writeWhole(
    out,
    receiptName,
    writeAnswerFile({ ...about, answerId: answerId(file.fileId, '-1'), count: 1 }, [receipt]),
  )
  const answers = firstAnswers(books, file)
  let count = 0
  for (const _ of answers) count++
  if (count === 0) return [receiptName]
  const name = answerName(file, '2')
  writeWhole(out, name, writeAnswerFile({ ...about, answerId: answerId(file.fileId, '-2'), count }, answers))
  return [receiptName, name]
}

/** Answers what is booked and not yet answered, also when a kill came between the two. */
function answerAll(journal: Journal, out: string): string[] {
  const names: string[] = []
  for (const file of journal.books.unanswered) {
    names.push(...answerFile(journal.books, out, file))
    journal.act({ t: 'answered', file: file.name })
  }
  return names
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
  const result: ExchangeResult = { files: 0, payments: 0, doubles: 0, answers: answerAll(journal, out) }
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
    for (const bundle of journal.file(file, read.bundles)) result.payments += bundle.count
    result.answers.push(...answerAll(journal, out))
    result.files++
    result.doubles += books.doubles - before
  }
  result.answers.push(...tellReturns(journal, out, date))
  return result
}
