/** The other side of an exchange of files, whether it is a server or a folder: what one can do there. @da kanal */

export interface RemoteFile {
  readonly name: string
  readonly size: number
  /** Seconds since 1970, as the other side says. */
  readonly mtime: number
}

export interface Channel {
  /** Plain files of a folder. */
  list(folder: string): Promise<RemoteFile[]>
  /** Undefined when there is none. */
  stat(path: string): Promise<Omit<RemoteFile, 'name'> | undefined>
  /** Bytes from a place on, in pieces. */
  read(path: string, from: number): AsyncIterable<Buffer>
  /**
   * Bytes at a place of a file that is made when it is not there; on disk when the promise keeps. `from` 0 begins anew.
   */
  write(path: string, from: number, pieces: AsyncIterable<Buffer>): Promise<void>
  /** A name that is taken is refused. */
  rename(from: string, to: string): Promise<void>
  remove(path: string): Promise<void>
  close(): Promise<void>
}

/** Bytes of a piece that is read or written at once: what every server takes in one packet, and no more. */
export const PIECE = 30_720
