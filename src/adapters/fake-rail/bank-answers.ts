/** How the bank answers a payment file: pain.002, of the version that goes with the file's. */
import { type Status, writeStatus } from '../bank/write-status.ts'
import { type BookedBundle, type Books, FATE, type FileMark } from './books.ts'
import type { WholeFile } from './files.ts'

const ACCEPTED: Status = { status: 'ACSP', reason: '', text: '' }

const STATUSES: Readonly<Record<number, Status>> = {
  [FATE.formalError]: { status: 'RJCT', reason: 'FF01', text: 'Invalid instruction' },
  [FATE.noAccount]: { status: 'RJCT', reason: 'AC01', text: 'No account of the payee' },
  [FATE.warned]: { status: 'ACWC', reason: 'DT06', text: 'Execution date changed' },
}

function statusOf(books: Books, i: number): Status {
  return STATUSES[books.fates[i] as number] ?? ACCEPTED
}

/**
 * Version 03 says of the file that it came, and in a second message what becomes of each payment; version 09 says once
 * what fails, or that nothing does.
 */
export function bankAnswers(
  books: Books,
  file: FileMark,
  bundles: readonly BookedBundle[],
  nameOf: (suffix: string) => string,
): WholeFile[] {
  const version = file.pain ?? '03'
  const count = bundles.reduce((sum, bundle) => sum + bundle.count, 0)
  const about = { fileId: file.fileId, createdAt: `${file.date}T09:00:00`, painVersion: version, count }
  const message = (suffix: string, said: Status, told: BookedBundle[], onlyFailures: boolean): WholeFile => ({
    name: nameOf(suffix),
    chunks: writeStatus(
      {
        ...about,
        answerId: nameOf(suffix)
          .replace(/[^0-9A-Z]/gi, '')
          .slice(-35),
      },
      said,
      told.map((bundle) => ({
        bundleId: bundle.bundleId,
        status: '',
        reason: '',
        text: '',
        payments: paymentsOf(books, bundle, onlyFailures),
      })),
    ),
  })
  const whole = (status: string, reason = '', text = ''): Status => ({ status, reason, text })
  if (file.unreadable !== '') return [message('1', whole('RJCT', 'FF01', file.unreadable), [], false)]
  if (file.refused !== undefined) return [message('1', whole('RJCT', file.refused), [], false)]
  if (version === '03') {
    return [message('1', whole('ACTC'), [], false), message('2', whole(''), [...bundles], false)]
  }
  const failing = bundles.filter((bundle) => [...paymentsOf(books, bundle, true)].length > 0)
  return [message('1', whole(failing.length > 0 ? 'PART' : 'ACTC'), failing, true)]
}

function* paymentsOf(books: Books, { first, count }: BookedBundle, onlyFailures: boolean) {
  for (let i = first; i < first + count; i++) {
    const endToEndId = books.ids[i] as string
    const status = statusOf(books, i)
    if (books.dropped.has(endToEndId) || (onlyFailures && status === ACCEPTED)) continue
    yield { endToEndId, ...status }
  }
}
