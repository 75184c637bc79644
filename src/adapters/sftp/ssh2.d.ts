/** What we use of ssh2, and no more of it: the package has no types of its own. */
declare module 'ssh2' {
  import type { EventEmitter } from 'node:events'

  interface Attributes {
    readonly size: number
    /** Seconds since 1970. */
    readonly mtime: number
    readonly atime: number
    readonly mode: number
  }
  type Done = (error?: Error | null) => void

  /** The client's side of an SFTP session. */
  interface SFTPWrapper extends EventEmitter {
    readdir(
      path: string,
      done: (error: Error | undefined, list: { readonly filename: string; readonly attrs: Attributes }[]) => void,
    ): void
    stat(path: string, done: (error: (Error & { code?: number }) | undefined, attributes: Attributes) => void): void
    open(path: string, flags: string, done: (error: Error | undefined, handle: Buffer) => void): void
    read(
      handle: Buffer,
      buffer: Buffer,
      offset: number,
      length: number,
      position: number,
      done: (error: Error | undefined, bytes: number) => void,
    ): void
    write(handle: Buffer, buffer: Buffer, offset: number, length: number, position: number, done: Done): void
    close(handle: Buffer, done: Done): void
    rename(from: string, to: string, done: Done): void
    unlink(path: string, done: Done): void
    /** Throws when the server does not know the extension. */
    ext_openssh_fsync(handle: Buffer, done: Done): void
  }

  interface ClientSettings {
    readonly host: string
    readonly port: number
    readonly username: string
    readonly privateKey: Buffer
    readonly readyTimeout: number
    readonly keepaliveInterval: number
    hostVerifier(key: Buffer): boolean
  }

  class Client extends EventEmitter {
    connect(settings: ClientSettings): void
    sftp(done: (error: Error | undefined, sftp: SFTPWrapper) => void): void
    end(): void
    destroy(): void
    setNoDelay(on: boolean): void
  }

  interface ParsedKey {
    readonly type: string
    getPublicSSH(): Buffer
    verify(data: Buffer, signature: Buffer, algorithm?: string): boolean
  }
  interface Authentication {
    readonly method: string
    readonly username: string
    readonly key: { readonly algo: string; readonly data: Buffer }
    readonly signature?: Buffer
    readonly blob: Buffer
    readonly hashAlgo?: string
    accept(): void
    reject(methods?: string[]): void
  }
  /** The server's side of an SFTP session: answers requests by their number. */
  interface SFTPStream extends EventEmitter {
    status(request: number, code: number): void
    handle(request: number, handle: Buffer): void
    data(request: number, data: Buffer): void
    name(request: number, names: { filename: string; longname: string; attrs: Partial<Attributes> }[]): void
    attrs(request: number, attributes: Partial<Attributes>): void
  }
  class Server extends EventEmitter {
    constructor(
      settings: { readonly hostKeys: readonly (string | Buffer)[] },
      connected: (client: EventEmitter & { setNoDelay(on: boolean): void }) => void,
    )
    listen(port: number, host: string, done: () => void): void
    address(): { readonly port: number }
    close(): void
  }
  const utils: {
    parseKey(key: string | Buffer): ParsedKey | Error
    generateKeyPairSync(type: 'ed25519'): { readonly private: string; readonly public: string }
    readonly sftp: {
      readonly STATUS_CODE: Readonly<Record<'OK' | 'EOF' | 'NO_SUCH_FILE' | 'FAILURE' | 'OP_UNSUPPORTED', number>>
      readonly OPEN_MODE: Readonly<Record<'READ' | 'WRITE' | 'CREAT' | 'TRUNC' | 'EXCL', number>>
    }
  }
  const ssh2: { Client: typeof Client; Server: typeof Server; utils: typeof utils }
  export { type Authentication, type SFTPStream, type SFTPWrapper }
  export default ssh2
}
