/** Faults of the disk and of the line to the database, as sentences for the person who starts the program again. */
import { Refusal } from '../../base/refusal.ts'

const DISK = new Set([
  'ENOSPC',
  'EDQUOT',
  'EFBIG',
  'EROFS',
  'EACCES',
  'EPERM',
  'EIO',
  'ENOTDIR',
  'EEXIST',
  'EISDIR',
  'ELOOP',
  'EMFILE',
  'ENFILE',
])
/** PostgreSQL's words for its own machine: the disk is full or failed, no memory, no connection free. */
const SERVER: Readonly<Record<string, string>> = {
  '53100': 'the disk of the database is full',
  '58030': 'the disk of the database failed',
  '53200': 'the database has no memory left',
  '53300': 'the database has no connection free',
}
/** Of the socket, and of PostgreSQL: shut down, crashed, starting up, no such connection. */
const LINE = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
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
  const { code = '', message, path = 'a file', syscall } = error as NodeJS.ErrnoException
  if (LINE.has(code) || syscall === 'connect' || LINE_TEXT.test(message)) {
    const what = message === '' ? code : message
    return new Refusal(
      'database_lost',
      `The connection to the database was lost or never came (${what}). Once it is there, start again: what was done ` +
        'is kept, and nothing is paid twice.',
    )
  }
  if (Object.hasOwn(SERVER, code)) {
    return new Refusal(
      'database_short',
      `Stopped: ${SERVER[code]} (${message}). Give it room, then start again: what was done is kept, and nothing is ` +
        'paid twice.',
    )
  }
  if (!DISK.has(code)) return error
  return new Refusal(
    'disk',
    `${path} could not be read or written (${message}). Make room or give access, then start again: what was done is ` +
      'kept, and nothing is sent twice.',
  )
}
