/**
 * What rail and bank have laid in the incoming folder, and what of it was taken in before. A file is known by its
 * bytes: it may come any number of times, under any name and in any order. One that was torn is taken when it comes
 * whole.
 */
import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Tx } from '../../base/db.ts'
import type { Municipality } from '../../base/id.ts'
import type { FileProblem, ReceivedFile } from '../../modules/payments/index.ts'
import { READ_AT_ONCE, readThrough } from './read-in-place.ts'

/** What lies in the incoming folder, sorted by whom it is for: read once for all municipalities. */
export interface Incoming {
  /** Answer files by the file that they answer. */
  readonly answers: ReadonlyMap<string, readonly string[]>
  /** Statements and notifications by account; of one account by name. */
  readonly statements: ReadonlyMap<string, readonly string[]>
}

/** Bytes of the beginning of a file in which it says what it is and whom it is for. */
const BEGINNING = 8_192

/** What files under foreign names say that they are: looked into once in a run. */
export type Looked = Map<string, Awaited<ReturnType<typeof toldBy>>>

/** Whole files only; what is of no kind of ours is left alone. */
export async function listIncoming(folder: string, looked: Looked = new Map()): Promise<Incoming> {
  const answers = new Map<string, string[]>()
  const statements = new Map<string, string[]>()
  const add = (map: Map<string, string[]>, key: string, name: string): void => {
    const list = map.get(key)
    if (list === undefined) map.set(key, [name])
    else list.push(name)
  }
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.xml'))
  for (const name of names.sort()) {
    const named = /^(?:NKS|PAIN002|NKSSTOP|CAMT029)-(\d{4}R\d+)(?:~\d+|(?:[NU]\d+)?S)?-.*\.xml$/.exec(name)?.[1]
    const account = /^camt05[34]-(\w+)-.*\.xml$/.exec(name)?.[1]
    if (named !== undefined) add(answers, named, name)
    else if (account !== undefined) add(statements, bban(account), name)
    else {
      const told = looked.get(name) ?? (await toldBy(join(folder, name)))
      looked.set(name, told)
      if (told.answers !== undefined) add(answers, told.answers, name)
      if (told.account !== undefined) add(statements, bban(told.account), name)
    }
  }
  return { answers, statements }
}

/** What a file under a foreign name says that it is: read of its first bytes alone. */
async function toldBy(path: string): Promise<{ answers?: string; account?: string }> {
  const file = await open(path, READ_AT_ONCE).catch(() => undefined)
  if (file === undefined) return {}
  try {
    const piece = Buffer.alloc(BEGINNING)
    const { bytesRead } = await file.read(piece, 0, BEGINNING, 0)
    const text = piece.toString('latin1', 0, bytesRead)
    const answers = /<(?:\w+:)?OrgnlMsgId>\s*(\d{4}R\d+)(?:A\d+)?\s*</.exec(text)?.[1]
    const account = /xsd:camt\.05[34]\./.test(text)
      ? /<(?:\w+:)?Acct>\s*<(?:\w+:)?Id>\s*(?:<(?:\w+:)?Othr>\s*<(?:\w+:)?Id>|<(?:\w+:)?IBAN>)\s*(\w+)/.exec(text)?.[1]
      : undefined
    return { ...(answers === undefined ? {} : { answers }), ...(account === undefined ? {} : { account }) }
  } catch {
    return {}
  } finally {
    await file.close()
  }
}

/** What a received file is said to have come as when nothing could be booked of it, though it seemed whole. */
export const UNBOOKABLE = 'unbookable'

export interface KnownFiles {
  /** Whether what lies there was taken in: of this name and size. One that was not whole is read again. */
  isTaken(folder: string, name: string): Promise<boolean>
  /** Whether the very bytes came under this name. */
  isSame(name: string, sha256: Buffer): boolean
  /** Neither under this name nor under another. */
  isNew(sha256: Buffer): boolean
  /** Whether these bytes came before, under whatever name; from now on they have. */
  cameBefore(sha256: Buffer): boolean
  /** What the file is called in our tables: its name, and the how-manieth when it comes with other bytes. */
  label(name: string): string
}

/** The files of a municipality that were taken in, of one kind of door. */
export async function knownFiles(
  tx: Tx,
  municipality: Municipality,
  kinds: readonly ReceivedFile['kind'][],
): Promise<KnownFiles> {
  const rows = await tx.often.rows<{ name: string; file: string; bytes: number | null; settled: boolean; sha: string }>(
    `select name, coalesce(header->>'file', name) as file, (header->>'bytes')::bigint as bytes,
       (header->>'whole')::boolean or coalesce(header->>'came', '') = '${UNBOOKABLE}' as settled,
       encode(sha256, 'hex') as sha from received_files where municipality_code = $1 and kind = any ($2)`,
    [municipality, kinds],
  )
  const labels = new Set(rows.map((row) => row.name))
  const bytes = new Set(rows.map((row) => row.sha))
  const sizes = Map.groupBy(rows, (row) => row.file)
  return {
    async isTaken(folder, name) {
      const before = sizes.get(name)
      if (before === undefined) return false
      const { size } = await stat(join(folder, name)).catch(() => ({ size: -1 }))
      return before.some((row) => row.settled && row.sha !== UNREAD && (row.bytes === null || row.bytes === size))
    },
    isSame(name, sha256) {
      const sha = sha256.toString('hex')
      return sizes.get(name)?.some((row) => row.sha === sha) === true
    },
    isNew: (sha256) => !bytes.has(sha256.toString('hex')),
    cameBefore(sha256) {
      const sha = sha256.toString('hex')
      if (bytes.has(sha)) return true
      bytes.add(sha)
      return false
    },
    label(name) {
      let label = name
      for (let n = 2; labels.has(label); n++) label = `${name} (${n})`
      labels.add(label)
      return label
    },
  }
}

/**
 * Takes files together; when that cannot be done, one by one and with care, so that a file that cannot be booked stops
 * no other. Such a file is refused whole, with what the database or the program said.
 */
export async function takeApart<T>(
  files: readonly T[],
  take: (some: readonly T[], alone: boolean) => Promise<void>,
  refuse: (one: T, problem: FileProblem) => Promise<void>,
): Promise<void> {
  try {
    return await take(files, false)
  } catch (error) {
    if (!isOfAFile(error)) throw error
  }
  for (const one of files) {
    try {
      await take([one], true)
    } catch (error) {
      if (!isOfAFile(error)) throw error
      const detail = `Nothing of the file was booked: ${error.message}`
      await refuse(one, { line: 0, field: '', code: 'file_not_bookable', detail })
    }
  }
}

/** SQLSTATE: data exceptions and broken constraints. */
const OF_DATA = /^2[23]...$/
const UNREADABLE = ['not_a_file', 'EACCES', 'EPERM', 'ENOENT', 'ELOOP', 'ENXIO']
/** A number that no column holds, an assert, a file that cannot be read. Whatever else fails is no matter of a file. */
const OF_A_FILE: readonly string[] = ['ERR_OUT_OF_RANGE', 'ASSERT', ...UNREADABLE]

function isOfAFile(error: unknown): error is Error {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined
  return typeof code === 'string' && (OF_DATA.test(code) || OF_A_FILE.includes(code))
}

/** A Danish IBAN holds registration number and account behind its check digits. */
export function bban(account: string): string {
  return /^DK\d{16}$/.test(account) ? account.slice(4) : account
}

/** Stands for the hash of a file that cannot be read: it is taken when it can. */
const UNREAD = '0'.repeat(64)

/** The hash of a file that could not be booked. */
export async function hashOf(path: string): Promise<Buffer> {
  const read = await readThrough(path, { write: () => undefined }).catch(() => undefined)
  return read?.sha256 ?? Buffer.from(UNREAD, 'hex')
}
