/** Faults of the disk and of the line to the database, as sentences for the person who starts the program again. */
import { Refusal } from '../../base/refusal.ts'

const DISK = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM', 'EIO', 'ENOTDIR', 'EEXIST', 'EISDIR'])
/** Of the socket, and of PostgreSQL: shut down, crashed, starting up, no such connection. */
const LINE = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'ENOTFOUND',
  'EPIPE',
  '57P01',
  '57P02',
  '57P03',
  '08000',
  '08003',
  '08006',
])
/** pg names some faults by their text alone. */
const LINE_TEXT = /^Connection terminated|^Client has encountered a connection error|^Client was closed/

/** Anything else is given back as it was: it is a defect, and its stack is wanted. */
export function inWords(error: unknown): unknown {
  if (error instanceof Refusal || !(error instanceof Error)) return error
  const { code = '', message, path = 'a file' } = error as NodeJS.ErrnoException
  if (LINE.has(code) || LINE_TEXT.test(message)) {
    const what = message === '' ? code : message
    return new Refusal(
      'database_lost',
      `The connection to the database was lost or never came (${what}). Once it is there, start again: what was done ` +
        'is kept, and nothing is paid twice.',
    )
  }
  if (!DISK.has(code)) return error
  return new Refusal(
    'disk',
    `${path} could not be read or written (${message}). Make room or give access, then start again: what was done is ` +
      'kept, and nothing is sent twice.',
  )
}
