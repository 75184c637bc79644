/** A folder on this machine as the other side: a mounted share, or one that other people's program empties. */
import { type FileHandle, link, mkdir, open, readdir, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { type Channel, PIECE, type RemoteFile } from './channel.ts'

export function folderChannel(root: string): Channel {
  const at = (path: string): string => join(root, path)
  return {
    async list(folder) {
      const files: RemoteFile[] = []
      for (const name of await readdir(at(folder)).catch(nothingThere([]))) {
        const found = await stat(join(at(folder), name)).catch(nothingThere(undefined))
        if (found?.isFile() === true) files.push({ name, size: found.size, mtime: Math.floor(found.mtimeMs / 1000) })
      }
      return files
    },
    async stat(path) {
      const found = await stat(at(path)).catch(nothingThere(undefined))
      return found === undefined ? undefined : { size: found.size, mtime: Math.floor(found.mtimeMs / 1000) }
    },
    async *read(path, from) {
      const file = await open(at(path), 'r')
      try {
        for (let position = from; ; ) {
          const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(PIECE), 0, PIECE, position)
          if (bytesRead === 0) return
          yield buffer.subarray(0, bytesRead)
          position += bytesRead
        }
      } finally {
        await file.close()
      }
    },
    async write(path, from, pieces) {
      await mkdir(join(at(path), '..'), { recursive: true })
      const file = await open(at(path), from === 0 ? 'w' : 'r+')
      try {
        let position = from
        for await (const piece of pieces) position += await writeFully(file, piece, position)
        await file.sync()
      } finally {
        await file.close()
      }
    },
    async rename(from, to) {
      // Unlike a rename a link refuses a name that is taken.
      await link(at(from), at(to))
      await unlink(at(from))
    },
    remove: (path) => unlink(at(path)),
    close: () => Promise.resolve(),
  }
}

async function writeFully(file: FileHandle, piece: Buffer, position: number): Promise<number> {
  for (let done = 0; done < piece.length; ) {
    done += (await file.write(piece, done, piece.length - done, position + done)).bytesWritten
  }
  return piece.length
}

function nothingThere<T>(otherwise: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code === 'ENOENT') return otherwise
    throw error
  }
}
