/** One exchange of files: reads what is new, books it and answers it as the NemKonto system would. */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Day, formatDay } from '../../base/date.ts'
import type { AnswerFileHeader, RailAnswer } from '../../modules/payments/index.ts'
import { writeAnswerFile } from '../nemkonto/write-answer-file.ts'
import { bankAnswers } from './bank-answers.ts'
import { type BookedBundle, type Books, FATE, type FileMark, returnCodeOf, runIn, tellDay } from './books.ts'
import { type WholeFile, writeWhole } from './files.ts'
import type { Act, Journal, StagedFile } from './journal.ts'
import { readPaymentFile } from './read-payment-file.ts'
import { answerRecall, isRecall, readRecall, type RecallFile } from './recalls.ts'
import { isWrong, type Laid, laidWrong, strayOf, withUnknownCode } from './wrongs.ts'

export interface ExchangeResult {
  files: number
  payments: number
  doubles: number
  answers: string[]
}

/** Files of one exchange are written at this time of the day that was given. */
const TIME = 'T09:00:00'

type Answer = Pick<RailAnswer, 'kind' | 'reason' | 'waitingAccount'>

const ANSWERS: Readonly<Record<number, Answer>> = {
  [FATE.paid]: { kind: 8, reason: '', waitingAccount: false },
  [FATE.formalError]: { kind: 2, reason: 'FORMAL', waitingAccount: false },
  [FATE.noAccount]: { kind: 7, reason: 'NOACCOUNT', waitingAccount: false },
  [FATE.waitingAccount]: { kind: 8, reason: '', waitingAccount: true },
  [FATE.returned]: { kind: 8, reason: '', waitingAccount: false },
  [FATE.deceased]: { kind: 8, reason: '', waitingAccount: false },
  [FATE.stopped]: { kind: 8, reason: '', waitingAccount: false },
  [FATE.timedOut]: { kind: 2, reason: 'AB05', waitingAccount: false },
  [FATE.warned]: { kind: 8, reason: '', waitingAccount: false },
}

function answerId(fileId: string, suffix: string): string {
  return (fileId + suffix).slice(-35)
}

function answerName(file: Pick<FileMark, 'name' | 'attempt' | 'pain'>, suffix: string): string {
  const stem = file.name.slice(0, -'.xml'.length)
  return `${file.pain === undefined ? 'NKS' : 'PAIN002'}-${stem}${file.attempt > 1 ? `~${file.attempt}` : ''}-${suffix}.xml`
}

/** The first answer to each payment of a file, from the columns; can be gone through again. */
function firstAnswers(books: Books, bundles: readonly BookedBundle[]): Iterable<RailAnswer> {
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

/** Files to be written, and the acts that they are: in the journal once the files have their names. */
export interface Told extends Laid {
  readonly acts: Act[]
}

/** Receipt and answers to one file; they depend on the books alone, so they may be written again. */
function answersTo(books: Books, file: FileMark, bundles: readonly BookedBundle[]): Laid {
  if (file.pain !== undefined) {
    const [told, later] = bankAnswers(books, file, bundles, (suffix) => answerName(file, suffix))
    const { files, aside } = laidWrong(books.wrongs, file.fileId, told.at(-1) as WholeFile)
    return { files: [...told.slice(0, -1), ...files], aside: [...aside, ...later] }
  }
  const about = { fileId: file.fileId, createdAt: file.date + TIME }
  const isRead = file.unreadable === '' && file.refused === undefined
  const receipt: RailAnswer = {
    kind: isRead ? 1 : 0,
    ref: file.fileId,
    reason: isRead ? '' : (file.refused ?? 'UNREADABLE'),
    waitingAccount: false,
  }
  const receiptHeader = { ...about, answerId: answerId(file.fileId, '-1'), count: 1 }
  const first = { name: answerName(file, '1'), chunks: writeAnswerFile(receiptHeader, [receipt]) }
  const answers = firstAnswers(books, bundles)
  let count = 0
  for (const _ of answers) count++
  if (count === 0) return { files: [first], aside: [] }
  const header = { ...about, answerId: answerId(file.fileId, '-2'), count }
  const told = { name: answerName(file, '2'), chunks: writeAnswerFile(header, answers) }
  const laid = books.wrongs.length === 0 ? { files: [told], aside: [] } : answersWrong(books, file, header, answers)
  return { files: [first, ...laid.files], aside: laid.aside }
}

/** The answers to a file with all that we were told to do wrong. */
function answersWrong(books: Books, file: FileMark, header: AnswerFileHeader, answers: Iterable<RailAnswer>): Laid {
  const of = file.fileId
  const all = [...answers]
  if (isWrong(books.wrongs, 'stray', of)) {
    all.push({ kind: 8, ref: strayOf(of), reason: '', waitingAccount: false })
  }
  const partial = books.wrongs.find((one) => one.how === 'partial' && one.of === of)
  const now = partial?.how === 'partial' ? all.slice(0, partial.count) : all
  const write = (list: readonly RailAnswer[], suffix: string): WholeFile => {
    const id = answerId(of, `-${suffix}`)
    const chunks = [...writeAnswerFile({ ...header, answerId: id, count: list.length }, list)]
    let made: WholeFile = { name: answerName(file, suffix), chunks }
    for (const { how, of: ref } of books.wrongs) if (how === 'unknown_code') made = withUnknownCode(made, ref)
    return made
  }
  const laid = laidWrong(books.wrongs, of, write(now, '2'))
  return now.length === all.length ? laid : { ...laid, aside: [...laid.aside, write(all.slice(now.length), '2b')] }
}

/** Answers to what is booked and not yet answered, also when a kill came between the two. */
function dueAnswers(books: Books): Told {
  const told: Told = { files: [], aside: [], acts: [] }
  for (const [file, bundles] of books.unanswered) {
    const { files, aside } = answersTo(books, file, bundles)
    told.files.push(...files)
    told.aside.push(...aside)
    told.acts.push({ t: 'answered', file: file.name })
  }
  return told
}

/** Answer 9 about payments whose return has come due on or before `date`; once each. */
export function dueReturns(books: Books, date: Day): Told {
  const due = new Map<string, { file: FileMark; day: Day; bundles: number[] }>()
  for (const at of books.untold) {
    const bundle = books.bundles[at] as BookedBundle
    const day = tellDay(books, bundle)
    if (day === undefined || day > date) continue
    const key = answerName(bundle.file, `9-${formatDay(day)}`)
    const entry = due.get(key) ?? { file: bundle.file, day, bundles: [] }
    entry.bundles.push(at)
    due.set(key, entry)
  }
  const told: Told = { files: [], aside: [], acts: [] }
  for (const name of [...due.keys()].sort()) {
    const { file, day, bundles } = due.get(name) as { file: FileMark; day: Day; bundles: number[] }
    const answers = bundles.flatMap((at) => lateAnswers(books, books.bundles[at] as BookedBundle))
    const id = answerId(file.fileId, `-9${formatDay(day).replaceAll('-', '')}`)
    const header = { answerId: id, fileId: file.fileId, createdAt: formatDay(day) + TIME, count: answers.length }
    told.files.push({ name, chunks: writeAnswerFile(header, answers) })
    told.acts.push({ t: 'told', bundles })
  }
  return told
}

function lateAnswers(books: Books, bundle: BookedBundle): RailAnswer[] {
  const answers: RailAnswer[] = []
  for (let i = bundle.first; i < bundle.first + bundle.count; i++) {
    const ref = books.ids[i] as string
    const reason = returnCodeOf(books.fates[i] as number)
    if (reason === undefined || books.dropped.has(ref)) continue
    answers.push({ kind: 9, ref, reason, waitingAccount: false })
  }
  return answers
}

/** Refused as we were told; and by a rail that wants a new id each time, when the id was refused before. */
function refusalFor(books: Books, fileId: string, pain: FileMark['pain']): string | undefined {
  const told = books.refusals.get(runIn(fileId))
  if (told !== undefined && told.times > 0) return told.reason
  return pain !== '03' && books.refusedIds.has(fileId) ? 'DU01' : undefined
}

interface Read {
  readonly files: StagedFile[]
  /** Runs whose files lie there unread until the next time. */
  readonly late: string[]
  readonly recalls: RecallFile[]
}

/** Reads every complete file that is new, in the order of names. */
function readNew(books: Books, folder: string, date: Day): Read {
  const files: StagedFile[] = []
  const late: string[] = []
  const recalls: RecallFile[] = []
  const names = readdirSync(folder).filter((name) => name.endsWith('.xml'))
  for (const name of names.sort()) {
    const path = join(folder, name)
    const stat = statSync(path, { bigint: true })
    if (!stat.isFile()) continue
    if (isRecall(name)) {
      const recall = readRecall(books, folder, name)
      if (recall !== undefined) recalls.push(recall)
      continue
    }
    const mark = `${stat.size}:${stat.mtimeNs}`
    const known = books.files.get(name)
    if (known?.mark === mark) continue
    const { sha, unreadable, bundles, pain, ...read } = readPaymentFile(path)
    const attempt = (known?.attempt ?? 0) + 1
    const fileId = read.fileId === '' ? name.slice(0, -'.xml'.length).slice(-35) : read.fileId
    const run = runIn(fileId)
    if (isWrong(books.wrongs, 'closed', run)) {
      late.push(run)
      continue
    }
    const refused = unreadable === '' ? refusalFor(books, fileId, pain) : undefined
    files.push({
      file: {
        name,
        fileId,
        mark,
        sha,
        attempt,
        date: formatDay(date),
        unreadable,
        ...(pain === undefined ? {} : { pain }),
        ...(refused === undefined ? {} : { refused }),
        ...(books.cameLate.has(run) ? { late: true } : {}),
      },
      bundles: refused === undefined ? bundles : [],
    })
  }
  return { files, late, recalls }
}

/** Books what is new and answers it. Repeated without new files it does nothing. */
export async function exchange(
  journal: Journal,
  folders: readonly string[],
  out: string,
  aside: string,
  date: Day,
): Promise<ExchangeResult> {
  const { books } = journal
  const doublesBefore = books.doubles
  const read = folders.map((folder) => readNew(books, folder, date))
  const files = read.flatMap((one) => one.files)
  await journal.act(...read.flatMap((one) => one.late.map((run) => ({ t: 'late', run }) as const)))
  const booked = await journal.file(files)
  const answers = dueAnswers(books)
  const returns = dueReturns(books, date)
  const recalled = read.flatMap((one) => one.recalls).map((recall) => answerRecall(books, recall, date))
  const told = [...answers.files, ...returns.files, ...recalled.map((one) => one.file)]
  await writeWhole(aside, answers.aside)
  await writeWhole(out, told)
  await journal.act(...answers.acts, ...returns.acts, ...recalled.flatMap((one) => one.acts))
  return {
    files: files.length,
    payments: booked.reduce((sum, bundle) => sum + bundle.count, 0),
    doubles: books.doubles - doublesBefore,
    answers: told.map((file) => file.name),
  }
}
