/** How the bank answers a payment file: pain.002, of the version that goes with the file's. */
import { type BundleStatus, type Status, writeStatus } from '../bank/write-status.ts'
import { type BookedBundle, type Books, FATE, type FileMark } from './books.ts'
import type { WholeFile } from './files.ts'
import { isWrong, strayOf } from './wrongs.ts'

const ACCEPTED: Status = { status: 'ACSP', reason: '', text: '' }

/** A status that no bank knows. */
const UNKNOWN: Status = { status: 'QQQQ', reason: '', text: '' }

const STATUSES: Readonly<Record<number, Status>> = {
  [FATE.formalError]: { status: 'RJCT', reason: 'FF01', text: 'Invalid instruction' },
  [FATE.noAccount]: { status: 'RJCT', reason: 'AC01', text: 'No account of the payee' },
  [FATE.timedOut]: { status: 'RJCT', reason: 'AB05', text: 'Timeout of the creditor agent' },
  [FATE.warned]: { status: 'ACWC', reason: 'DT06', text: 'Execution date changed' },
}

function statusOf(books: Books, i: number): Status {
  return STATUSES[books.fates[i] as number] ?? ACCEPTED
}

/**
 * Version 03 says of the file that it came, and in a second message what becomes of each payment; version 09 says once
 * what fails, or that nothing does. Gives what is laid, and what we were told to keep back.
 */
export function bankAnswers(
  books: Books,
  file: FileMark,
  bundles: readonly BookedBundle[],
  nameOf: (suffix: string) => string,
): [told: WholeFile[], later: WholeFile[]] {
  const version = file.pain ?? '03'
  const count = bundles.reduce((sum, bundle) => sum + bundle.count, 0)
  const about = { fileId: file.fileId, createdAt: `${file.date}T09:00:00`, painVersion: version, count }
  const message = (suffix: string, said: Status, told: readonly BundleStatus[]): WholeFile => ({
    name: nameOf(suffix),
    chunks: writeStatus(
      {
        ...about,
        answerId: nameOf(suffix)
          .replace(/[^0-9A-Z]/gi, '')
          .slice(-35),
      },
      said,
      told,
    ),
  })
  const whole = (status: string, reason = '', text = ''): Status => ({ status, reason, text })
  if (file.unreadable !== '') return [[message('1', whole('RJCT', 'FF01', file.unreadable), [])], []]
  if (file.refused !== undefined) return [[message('1', whole('RJCT', file.refused), [])], []]
  const all = bundles.map((bundle) => said(bundle.bundleId, paymentsAgain(books, bundle, version === '09')))
  if (version === '03') {
    const [now, then] = books.wrongs.length === 0 ? [all, []] : inPart(books, file.fileId, all)
    const later = then.length === 0 ? [] : [message('2b', whole(''), then)]
    return [[message('1', whole('ACTC'), []), message('2', whole(''), now)], later]
  }
  const failing = all.filter((bundle) => [...bundle.payments].length > 0)
  return [[message('1', whole(failing.length > 0 ? 'PART' : 'ACTC'), failing)], []]
}

function said(bundleId: string, payments: BundleStatus['payments']): BundleStatus {
  return { bundleId, status: '', reason: '', text: '', payments }
}

/** What is told now and what is kept back, with the answer about a payment that the file never held. */
function inPart(books: Books, fileId: string, all: readonly BundleStatus[]): [BundleStatus[], BundleStatus[]] {
  const partial = books.wrongs.find((one) => one.how === 'partial' && one.of === fileId)
  let left = partial?.how === 'partial' ? partial.count : Number.MAX_SAFE_INTEGER
  const [now, then]: [BundleStatus[], BundleStatus[]] = [[], []]
  for (const { bundleId, payments } of all) {
    const own = [...payments]
    now.push(said(bundleId, own.slice(0, left)))
    if (own.length > left) then.push(said(bundleId, own.slice(left)))
    left = Math.max(0, left - own.length)
  }
  const last = now.at(-1)
  if (last !== undefined && isWrong(books.wrongs, 'stray', fileId)) {
    now[now.length - 1] = said(last.bundleId, [...last.payments, { ...ACCEPTED, endToEndId: strayOf(fileId) }])
  }
  return [now, then]
}

function paymentsAgain(books: Books, bundle: BookedBundle, onlyFailures: boolean): BundleStatus['payments'] {
  return { [Symbol.iterator]: () => paymentsOf(books, bundle, onlyFailures) }
}

function* paymentsOf(books: Books, { first, count }: BookedBundle, onlyFailures: boolean) {
  for (let i = first; i < first + count; i++) {
    const endToEndId = books.ids[i] as string
    const isUnknown = books.wrongs.length > 0 && isWrong(books.wrongs, 'unknown_code', endToEndId)
    const status = isUnknown ? UNKNOWN : statusOf(books, i)
    if (books.dropped.has(endToEndId) || (onlyFailures && status === ACCEPTED)) continue
    yield { endToEndId, ...status }
  }
}
