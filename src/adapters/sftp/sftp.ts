/**
 * An SFTP server as the other side. Its host key is pinned: a server with another key is never spoken to. We are known
 * by a private key, which is read from a file and never leaves this machine; there are no passwords.
 */
import { createHash } from 'node:crypto'
import ssh2, { type SFTPWrapper } from 'ssh2'
import { Refusal } from '../../base/refusal.ts'
import { type Channel, PIECE } from './channel.ts'

export interface SftpSettings {
  readonly host: string
  readonly port: number
  readonly user: string
  /** The private key itself. */
  readonly key: Buffer
  /** `SHA256:…`, as `ssh-keygen -lf` says it. */
  readonly hostKey: string
}

/** Milliseconds until a server that does not answer is given up, and between signs of life. */
const READY_WITHIN = 20_000
const SIGN_OF_LIFE = 10_000
/** Requests that are under way at a time: a far server answers each late. */
const AT_ONCE = 32
/** SFTP version 3: there is no such file. */
const NO_SUCH_FILE = 2

/** What a host key is called. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`
}

/** @throws Refusal `host_key_differs`, `channel_down` */
export async function sftpChannel(settings: SftpSettings): Promise<Channel> {
  const { host, port, user, key, hostKey } = settings
  const client = new ssh2.Client()
  let shown = ''
  const sftp = await new Promise<SFTPWrapper>((done, failed) => {
    client.once('ready', () => client.sftp((error, opened) => (error === undefined ? done(opened) : failed(error))))
    client.once('error', failed)
    client.connect({
      host,
      port,
      username: user,
      privateKey: key,
      readyTimeout: READY_WITHIN,
      keepaliveInterval: SIGN_OF_LIFE,
      hostVerifier(found) {
        shown = fingerprint(found)
        return shown === hostKey
      },
    })
  }).catch((error: Error) => {
    client.destroy()
    throw refused(error, settings, shown)
  })
  // Requests are small and wait for their answers.
  client.setNoDelay(true)
  // A connection that is cut fails what is under way; nobody listens between two requests.
  client.on('error', () => undefined)
  return channelOf(client, sftp)
}

function refused(error: Error, { host, port, hostKey }: SftpSettings, shown: string): Refusal {
  if (shown !== '' && shown !== hostKey) {
    return new Refusal(
      'host_key_differs',
      `${host}:${port} shows the host key ${shown}, and ${hostKey} is pinned. Ask its owner before you pin another.`,
    )
  }
  return new Refusal('channel_down', `${host}:${port} could not be reached (${error.message}). Try again later.`)
}

type Client = InstanceType<typeof ssh2.Client>

type Ask = <T>(request: (done: (error: Error | null | undefined, value?: T) => void) => void) => Promise<T>

/** Asks one thing of the server. A connection that ends fails what is under way, and all that is asked later. */
function asker(client: Client): { ask: Ask; hasEnded: () => boolean } {
  const waiting = new Set<(error: Error) => void>()
  let ended: Error | undefined
  client.once('close', () => {
    ended = new Refusal('channel_cut', 'The connection was cut. Run it again: it goes on where it stopped.')
    for (const fail of waiting) fail(ended)
  })
  async function ask<T>(request: (done: (error: Error | null | undefined, value?: T) => void) => void): Promise<T> {
    if (ended !== undefined) throw ended
    let fail: (error: Error) => void = () => undefined
    try {
      return await new Promise<T>((done, failed) => {
        fail = failed
        waiting.add(fail)
        request((error, value) => (error ? failed(ended ?? error) : done(value as T)))
      })
    } finally {
      waiting.delete(fail)
    }
  }
  return { ask, hasEnded: () => ended !== undefined }
}

function channelOf(client: Client, sftp: SFTPWrapper): Channel {
  const { ask, hasEnded } = asker(client)
  const stat: Channel['stat'] = (path) =>
    ask((done) =>
      sftp.stat(path, (error, found) => {
        if (error?.code === NO_SUCH_FILE) done(null, undefined)
        else done(error, error === undefined ? { size: found.size, mtime: found.mtime } : undefined)
      }),
    )
  return {
    stat,
    async list(folder) {
      const list = await ask<Parameters<Parameters<SFTPWrapper['readdir']>[1]>[1]>((done) => sftp.readdir(folder, done))
      return list
        .filter(({ attrs }) => (attrs.mode & 0o170000) === 0o100000)
        .map(({ filename: name, attrs: { size, mtime } }) => ({ name, size, mtime }))
    },
    read: (path, from) => readFrom(sftp, ask, path, from),
    write: (path, from, pieces) => writeAt(sftp, ask, path, from, pieces),
    rename: (from, to) => ask<void>((done) => sftp.rename(from, to, done)),
    remove: (path) => ask<void>((done) => sftp.unlink(path, done)),
    close: () =>
      new Promise((done) => {
        if (hasEnded()) return done()
        client.once('close', () => done())
        client.end()
      }),
  }
}

async function* readFrom(sftp: SFTPWrapper, ask: Ask, path: string, from: number): AsyncGenerator<Buffer> {
  const handle = await ask<Buffer>((done) => sftp.open(path, 'r', done))
  const at = (position: number): Promise<Buffer> => {
    const buffer = Buffer.allocUnsafe(PIECE)
    const asked = ask<number>((done) =>
      sftp.read(handle, buffer, 0, PIECE, position, (error, n) => done(isEnd(error) ? null : error, n ?? 0)),
    ).then((bytes) => buffer.subarray(0, bytes))
    // Of several that fail together one is told.
    asked.catch(() => undefined)
    return asked
  }
  try {
    let position = from
    let ahead: Promise<Buffer>[] = []
    for (;;) {
      while (ahead.length < AT_ONCE) ahead.push(at(position + ahead.length * PIECE))
      const piece = await (ahead.shift() as Promise<Buffer>)
      if (piece.length === 0) return
      yield piece
      position += piece.length
      // Fewer bytes than were asked for: what was asked ahead lies elsewhere in the file.
      if (piece.length < PIECE) ahead = []
    }
  } finally {
    await ask<void>((done) => sftp.close(handle, done)).catch(() => undefined)
  }
}

async function writeAt(
  sftp: SFTPWrapper,
  ask: Ask,
  path: string,
  from: number,
  pieces: AsyncIterable<Buffer>,
): Promise<void> {
  const handle = await ask<Buffer>((done) => sftp.open(path, from === 0 ? 'w' : 'r+', done))
  let position = from
  let under: Promise<void>[] = []
  for await (const piece of pieces) {
    const at = position
    position += piece.length
    const written = ask<void>((done) => sftp.write(handle, piece, 0, piece.length, at, done))
    // Of several that fail together one is told.
    written.catch(() => undefined)
    under.push(written)
    if (under.length < AT_ONCE) continue
    await Promise.all(under)
    under = []
  }
  await Promise.all(under)
  await flushed(sftp, ask, handle)
  await ask<void>((done) => sftp.close(handle, done))
}

function isEnd(error: Error | null | undefined): boolean {
  return (error as { code?: number } | undefined)?.code === 1
}

/** On the server's disk, where it knows how to be asked. */
async function flushed(sftp: SFTPWrapper, ask: Ask, handle: Buffer): Promise<void> {
  try {
    await ask<void>((done) => sftp.ext_openssh_fsync(handle, done))
  } catch (error) {
    // Not every server has it; one that was cut fails at the next request.
    if (error instanceof Refusal) throw error
  }
}
