/**
 * An SFTP server with books of its own, for tests: a process on loopback that serves one folder, picks up at once what
 * gets its name (as a bank does), and is cut off when it is told to. Told by messages of its parent:
 * `{cutAfter: BYTES}` ends the connection when so many more bytes have gone in or out, `{cutAtRename:
 * 'before'|'after'}` at the next rename. Its books are told on asking.
 * `node fake-server.ts ROOT HOST_KEY_FILE USER_KEY_FILE`, as a child with a channel; it answers `{port}`.
 */
import { createHash } from 'node:crypto'
import { closeSync, fstatSync, mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { existsSync, readSync, renameSync, statSync, unlinkSync, writeSync } from 'node:fs'
import type { EventEmitter } from 'node:events'
import { join } from 'node:path'
import ssh2, { type Authentication, type SFTPStream } from 'ssh2'

const [root = '', hostKeyFile = '', userKeyFile = ''] = process.argv.slice(2)
const { STATUS_CODE, OPEN_MODE } = ssh2.utils.sftp

interface Books {
  /** Files that got their name, in order, with what was in them. */
  readonly named: { name: string; sha256: string; bytes: number }[]
  readonly removed: string[]
  connections: number
  cuts: number
  /** Logins that were refused. */
  strangers: number
}
const books: Books = { named: [], removed: [], connections: 0, cuts: 0, strangers: 0 }
let cutAfter = Number.POSITIVE_INFINITY
let cutAtRename: 'before' | 'after' | undefined

const allowed = ssh2.utils.parseKey(readFileSync(userKeyFile))
if (allowed instanceof Error) throw allowed

function mayEnter(asked: Authentication): boolean {
  const { method, key, signature, blob, hashAlgo } = asked
  if (method !== 'publickey' || allowed instanceof Error || !key.data.equals(allowed.getPublicSSH())) return false
  return signature === undefined || allowed.verify(blob, signature, hashAlgo)
}

/** Of a path that was asked for; none leads out of the folder. */
function at(path: string): string {
  return join(root, join('/', path))
}

function serve(client: EventEmitter & { end?(): void }, sftp: SFTPStream): void {
  const handles = new Map<number, Open>()
  let next = 0
  const opened = (fd: number, path: string, list?: string[]): Buffer => {
    const handle = Buffer.alloc(4)
    handle.writeUInt32BE(next)
    handles.set(next++, { fd, list, path })
    return handle
  }
  const of = (handle: Buffer) => handles.get(handle.readUInt32BE(0))
  let isCut = false
  const cut = (): void => {
    isCut = true
    cutAfter = Number.POSITIVE_INFINITY
    cutAtRename = undefined
    books.cuts++
    ;(client as unknown as { _sock: { destroy(): void } })._sock.destroy()
  }
  /** False when the connection was cut instead. */
  const carry = (bytes: number): boolean => {
    cutAfter -= bytes
    if (cutAfter >= 0) return true
    cut()
    return false
  }
  /** Faults of the disk are told as a status. */
  const on = (request: string, act: (id: number, ...rest: never[]) => void): void => {
    sftp.on(request, (id: number, ...rest: unknown[]) => {
      // What was on its way when the connection ended never came.
      if (isCut) return
      try {
        act(id, ...(rest as never[]))
      } catch (error) {
        const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
        sftp.status(id, missing ? STATUS_CODE.NO_SUCH_FILE : STATUS_CODE.FAILURE)
      }
    })
  }
  const session = { sftp, on, opened, of, carry, cut, handles }
  serveBytes(session)
  serveNames(session)
}

interface Session {
  readonly sftp: SFTPStream
  on(request: string, act: (id: number, ...rest: never[]) => void): void
  opened(fd: number, path: string, list?: string[]): Buffer
  of(handle: Buffer): Open | undefined
  carry(bytes: number): boolean
  cut(): void
  readonly handles: Map<number, Open>
}

interface Open {
  readonly fd: number
  readonly list: string[] | undefined
  readonly path: string
}

function serveBytes({ sftp, on, opened, of, carry, handles }: Session): void {
  on('OPEN', (id: number, path: string, flags: number) => {
    const mode = (flags & OPEN_MODE.TRUNC) !== 0 ? 'w' : (flags & OPEN_MODE.WRITE) !== 0 ? 'r+' : 'r'
    sftp.handle(id, opened(openSync(at(path), mode), path))
  })
  on('WRITE', (id: number, handle: Buffer, position: number, data: Buffer) => {
    // What came before the cut is on the disk, as far as it came.
    const room = Math.min(data.length, Math.max(0, cutAfter))
    writeSync(of(handle)?.fd ?? -1, data, 0, room, position)
    if (carry(data.length)) sftp.status(id, STATUS_CODE.OK)
  })
  on('READ', (id: number, handle: Buffer, position: number, length: number) => {
    const buffer = Buffer.alloc(length)
    const bytes = readSync(of(handle)?.fd ?? -1, buffer, 0, length, position)
    if (bytes === 0) return sftp.status(id, STATUS_CODE.EOF)
    if (carry(bytes)) sftp.data(id, buffer.subarray(0, bytes))
  })
  on('FSTAT', (id: number, handle: Buffer) => sftp.attrs(id, { size: fstatSync(of(handle)?.fd ?? -1).size }))
  on('CLOSE', (id: number, handle: Buffer) => {
    const fd = of(handle)?.fd ?? -1
    if (fd >= 0) closeSync(fd)
    handles.delete(handle.readUInt32BE(0))
    sftp.status(id, STATUS_CODE.OK)
  })
}

function serveNames({ sftp, on, opened, of, cut }: Session): void {
  const tellStat = (id: number, path: string): void => {
    const { size, mode, mtimeMs } = statSync(at(path))
    sftp.attrs(id, { size, mode, ...times(mtimeMs) })
  }
  on('STAT', (id: number, path: string) => tellStat(id, path))
  on('LSTAT', (id: number, path: string) => tellStat(id, path))
  on('OPENDIR', (id: number, path: string) => sftp.handle(id, opened(-1, path, readdirSync(at(path)))))
  on('READDIR', (id: number, handle: Buffer) => {
    const open = of(handle)
    const names = open?.list?.splice(0) ?? []
    if (names.length === 0) return sftp.status(id, STATUS_CODE.EOF)
    sftp.name(
      id,
      names.map((filename) => {
        const { size, mode, mtimeMs } = statSync(join(at(open?.path ?? ''), filename))
        return { filename, longname: filename, attrs: { size, mode, ...times(mtimeMs) } }
      }),
    )
  })
  on('RENAME', (id: number, from: string, to: string) => {
    if (cutAtRename === 'before') return cut()
    if (existsSync(at(to))) return sftp.status(id, STATUS_CODE.FAILURE)
    renameSync(at(from), at(to))
    pickUp(to)
    if (cutAtRename === 'after') return cut()
    sftp.status(id, STATUS_CODE.OK)
  })
  on('REMOVE', (id: number, path: string) => {
    unlinkSync(at(path))
    books.removed.push(path)
    sftp.status(id, STATUS_CODE.OK)
  })
}

/** The protocol tells both times or none. */
function times(mtimeMs: number): { atime: number; mtime: number } {
  return { atime: Math.floor(mtimeMs / 1000), mtime: Math.floor(mtimeMs / 1000) }
}

/** What has its name is read and taken away. */
function pickUp(path: string): void {
  const bytes = readFileSync(at(path))
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  books.named.push({ name: path, sha256, bytes: bytes.length })
  unlinkSync(at(path))
}

for (const folder of ['til', 'fra']) mkdirSync(join(root, folder), { recursive: true })
const server = new ssh2.Server({ hostKeys: [readFileSync(hostKeyFile)] }, (client) => {
  books.connections++
  client.on('error', () => undefined)
  client.setNoDelay(true)
  client.on('authentication', (asked: Authentication) => {
    if (mayEnter(asked)) return asked.accept()
    if (asked.method !== 'none') books.strangers++
    asked.reject(['publickey'])
  })
  client.on('session', (accept: () => EventEmitter) => {
    accept().on('sftp', (open: () => SFTPStream) => serve(client, open()))
  })
})
server.listen(0, '127.0.0.1', () => process.send?.({ port: server.address().port }))
process.on('message', (told: { cutAfter?: number; cutAtRename?: 'before' | 'after'; books?: true }) => {
  if (told.cutAfter !== undefined) cutAfter = told.cutAfter
  if (told.cutAtRename !== undefined) cutAtRename = told.cutAtRename
  process.send?.({ books })
})
process.on('disconnect', () => process.exit(0))
