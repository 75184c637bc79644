/**
 * One sweep of an exchange of files: sends what lies in the outgoing folder, fetches what lies at the other side. Needs
 * no database, so it may run on the machine that has the network. It keeps a journal of its own; what is sent is there
 * before it has its name at the other side, so that a file that was taken away at once is never sent twice.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, rename, stat, unlink } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { type Channel, PIECE, type RemoteFile } from '../../adapters/sftp/index.ts'
import { syncFolder } from '../line/out-file.ts'
import { readThrough } from '../line/read-in-place.ts'
import type { ExchangeJournal } from './exchange-journal.ts'

/** Which folders go where. */
export interface ExchangePlan {
  /** Folder below the outgoing one → folder at the other side. */
  readonly send: Readonly<Record<string, string>>
  /** Folder at the other side → folder below the incoming one; '' is itself. */
  readonly fetch: Readonly<Record<string, string>>
  /** `leave`: the other side clears up. */
  readonly afterFetch: 'remove' | 'leave'
}

/** Moments at which a test may end the sweep. */
export type ExchangePoint =
  | 'send:begun'
  | 'send:whole'
  | 'send:renamed'
  | 'fetch:whole'
  | 'fetch:named'
  | 'fetch:recorded'

export interface Exchange {
  readonly channel: Channel
  readonly plan: ExchangePlan
  readonly journal: ExchangeJournal
  readonly folders: { readonly out: string; readonly in: string }
  readonly now: () => string
  readonly at: (point: ExchangePoint) => void
}

export interface ExchangeFault {
  readonly file: string
  readonly code: 'other_bytes_there' | 'changed_here' | 'still_growing' | 'name_refused'
  readonly detail: string
}

export interface Exchanged {
  readonly sent: string[]
  readonly fetched: string[]
  readonly faults: ExchangeFault[]
}

/** Temporary names here and there; nobody takes such a file for a whole one. */
const PART = '.part'
/** What a name may be: no folder, nothing hidden, nothing that a shell or a program reads as something else. */
const NAME = /^[A-Za-z0-9ÆØÅæøå][\wÆØÅæøå.~@-]{0,199}$/
const UNFINISHED = /\.(part|tmp)$/

/** Files one after the other. What is wrong with one stops no other; a connection that is cut stops the sweep. */
export async function exchangeFiles(exchange: Exchange): Promise<Exchanged> {
  const done: Exchanged = { sent: [], fetched: [], faults: [] }
  for (const [from, to] of Object.entries(exchange.plan.send)) {
    const names = await readdir(join(exchange.folders.out, from)).catch(() => [])
    for (const name of names.filter((one) => !UNFINISHED.test(one)).sort()) {
      const fault = await send(exchange, join(from, name), `${to}/${name}`, done)
      if (fault !== undefined) done.faults.push({ file: join(from, name), ...fault })
    }
  }
  for (const [from, to] of Object.entries(exchange.plan.fetch)) {
    const files = (await exchange.channel.list(from)).filter(({ name }) => !UNFINISHED.test(name))
    for (const file of files.sort((a, b) => a.mtime - b.mtime || (a.name < b.name ? -1 : 1))) {
      const fault = await fetchFile(exchange, from, to, file, done)
      if (fault !== undefined) done.faults.push({ file: `${from}/${file.name}`, ...fault })
    }
  }
  return done
}

type Fault = Omit<ExchangeFault, 'file'>

async function send(exchange: Exchange, file: string, to: string, done: Exchanged): Promise<Fault | undefined> {
  const { channel, journal, folders, now, at } = exchange
  const path = join(folders.out, file)
  const known = journal.sent.get(file)
  const { size, mtimeMs: mtime } = await stat(path)
  // As it lay there when it was sent: the folder only grows, and is not read anew in each sweep.
  if (known?.state === 'sent' && known.bytes === size && known.mtime === mtime) return undefined
  const { sha256, bytes } = await digestOf(path)
  if (known !== undefined && known.sha256 !== sha256) {
    const detail = `It was sent with other bytes (${known.sha256.slice(0, 12)}…); it is not sent again under its name.`
    return { code: 'changed_here', detail }
  }
  if (known?.state === 'sent') return undefined
  const part = `${to}${PART}`
  const there = await channel.stat(part)
  // Begun, and the part is gone: it got its name, whether or not somebody has taken it away since.
  if (known !== undefined && there === undefined)
    return await settled(exchange, to, { file, sha256: known.sha256, bytes, mtime }, done)
  if (known === undefined && (await channel.stat(to)) !== undefined) {
    return { code: 'other_bytes_there', detail: `${to} lies at the other side and was not sent by this program.` }
  }
  const from = there === undefined ? 0 : await agreeing(channel, part, there.size, path, bytes)
  await channel.write(part, from, pieces(path, from))
  const whole = await channel.stat(part)
  if (whole?.size !== bytes) throw new Error(`${part} has ${whole?.size ?? 0} bytes of ${bytes}`)
  at('send:whole')
  await journal.add({ act: 'begun', file, sha256, bytes, mtime, at: now() })
  at('send:begun')
  await channel.rename(part, to)
  at('send:renamed')
  await journal.add({ act: 'sent', file, sha256, bytes, mtime, at: now() })
  done.sent.push(file)
  return undefined
}

/** What lies there under its name is ours, or nothing lies there any more. */
async function settled(
  { channel, journal, now }: Exchange,
  to: string,
  { file, sha256, bytes, mtime }: { file: string; sha256: string; bytes: number; mtime: number },
  done: Exchanged,
): Promise<Fault | undefined> {
  const found = await channel.stat(to)
  if (found !== undefined && found.size !== bytes) {
    return { code: 'other_bytes_there', detail: `${to} has ${found.size} bytes, ${bytes} were sent.` }
  }
  await journal.add({ act: 'sent', file, sha256, bytes, mtime, at: now() })
  done.sent.push(file)
  return undefined
}

/** How many of the bytes there are the first of ours: a part that is something else is written anew. */
async function agreeing(channel: Channel, part: string, size: number, path: string, bytes: number): Promise<number> {
  if (size === 0 || size > bytes) return 0
  const theirs = createHash('sha256')
  for await (const piece of channel.read(part, 0)) theirs.update(piece)
  const ours = createHash('sha256')
  for await (const piece of createReadStream(path, { end: size - 1 })) ours.update(piece as Buffer)
  return theirs.digest('hex') === ours.digest('hex') ? size : 0
}

async function* pieces(path: string, from: number): AsyncGenerator<Buffer> {
  for await (const piece of createReadStream(path, { start: from, highWaterMark: PIECE })) yield piece as Buffer
}

async function digestOf(path: string): Promise<{ sha256: string; bytes: number }> {
  const { sha256, bytes } = await readThrough(path, { write: () => undefined })
  return { sha256: sha256.toString('hex'), bytes }
}

async function fetchFile(
  exchange: Exchange,
  from: string,
  to: string,
  file: RemoteFile,
  done: Exchanged,
): Promise<Fault | undefined> {
  const { channel, journal, folders, plan, now, at } = exchange
  const { name, size, mtime } = file
  if (!NAME.test(name))
    return { code: 'name_refused', detail: 'A name that no file of ours may have; look at it by hand.' }
  const path = `${from}/${name}`
  const seen = journal.fetched(path, size, mtime)
  if (seen === undefined) {
    const folder = join(folders.in, to)
    await mkdir(join(folder, '.exchange'), { recursive: true })
    // Of another size or time it is another file, and its part is not this one's.
    const part = join(folder, '.exchange', `${name}.${size}.${mtime}${PART}`)
    await download(channel, path, part)
    const [here, there] = [await stat(part), await channel.stat(path)]
    if (here.size !== size || there?.size !== size || there.mtime !== mtime) {
      await unlink(part)
      return { code: 'still_growing', detail: 'It changed while it was read, and is taken by a later sweep.' }
    }
    at('fetch:whole')
    const { sha256 } = await digestOf(part)
    const as = await nameIn(folder, name, sha256, journal.hasBytes(path, sha256))
    if (as === undefined) await unlink(part)
    else {
      await rename(part, join(folder, as))
      await syncFolder(folder)
      at('fetch:named')
    }
    await journal.add({ act: 'fetched', file: path, as: as ?? '', sha256, bytes: size, mtime, at: now() })
    at('fetch:recorded')
    if (as !== undefined) done.fetched.push(join(to, as))
  }
  if (plan.afterFetch === 'remove') await channel.remove(path)
  return undefined
}

/** Goes on where a cut one stopped; on disk when the promise keeps. */
async function download(channel: Channel, path: string, part: string): Promise<void> {
  const have = (await stat(part).catch(() => undefined))?.size ?? 0
  const file = await open(part, have === 0 ? 'w' : 'r+')
  try {
    let position = have
    for await (const piece of channel.read(path, have)) {
      for (let written = 0; written < piece.length; ) {
        written += (await file.write(piece, written, piece.length - written, position + written)).bytesWritten
      }
      position += piece.length
    }
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Its own name, or with a number when other bytes have that; undefined when these bytes were taken under it before. */
async function nameIn(folder: string, name: string, sha256: string, isKnown: boolean): Promise<string | undefined> {
  if (isKnown) return undefined
  const ending = extname(name)
  const stem = name.slice(0, name.length - ending.length)
  for (let n = 1; ; n++) {
    const as = n === 1 ? name : `${stem}~${n}${ending}`
    const lies = await digestOf(join(folder, as)).catch(() => undefined)
    if (lies === undefined) return as
    // Named, and ended before it was recorded: the same bytes take the same name.
    if (lies.sha256 === sha256) return as
  }
}
