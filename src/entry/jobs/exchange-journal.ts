/** What a channel has sent and fetched: lines that are only ever added, each on disk before the next step. */
import { type FileHandle, mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'

export type ExchangeAct =
  /** It lies whole at the other side, and is about to get its name. `file`: path below the outgoing folder. */
  | {
      readonly act: 'begun' | 'sent'
      readonly file: string
      readonly sha256: string
      readonly bytes: number
      /** Milliseconds, of the file here. */
      readonly mtime: number
      readonly at: string
    }
  /** `file`: path at the other side. `as`: its name here; '' when the same bytes were taken under this path before. */
  | {
      readonly act: 'fetched'
      readonly file: string
      readonly as: string
      readonly sha256: string
      readonly bytes: number
      readonly mtime: number
      readonly at: string
    }

interface Sent {
  readonly state: 'begun' | 'sent'
  readonly sha256: string
  readonly bytes: number
  readonly mtime: number
}

export interface ExchangeJournal {
  readonly sent: ReadonlyMap<string, Sent>
  /** The file as it lay there then: path, size and time. */
  fetched(path: string, size: number, mtime: number): ExchangeAct | undefined
  hasBytes(path: string, sha256: string): boolean
  add(act: ExchangeAct): Promise<void>
  close(): Promise<void>
}

export async function openExchangeJournal(path: string): Promise<ExchangeJournal> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const file = await open(path, 'a+', 0o600)
  const sent = new Map<string, Sent>()
  const fetched = new Map<string, ExchangeAct>()
  const bytes = new Set<string>()
  const take = (act: ExchangeAct): void => {
    if (act.act !== 'fetched') {
      const { act: state, file: name, sha256, bytes: size, mtime } = act
      sent.set(name, { state, sha256, bytes: size, mtime })
    } else {
      fetched.set(`${act.file} ${act.bytes} ${act.mtime}`, act)
      bytes.add(`${act.file} ${act.sha256}`)
    }
  }
  for (const line of await wholeLines(file)) take(JSON.parse(line) as ExchangeAct)
  return {
    sent,
    fetched: (at, size, mtime) => fetched.get(`${at} ${size} ${mtime}`),
    hasBytes: (at, sha256) => bytes.has(`${at} ${sha256}`),
    async add(act) {
      await file.appendFile(`${JSON.stringify(act)}\n`)
      await file.sync()
      take(act)
    },
    close: () => file.close(),
  }
}

/** A line that a kill tore never was: it is cut off, and its step is done again. */
async function wholeLines(file: FileHandle): Promise<string[]> {
  const text = (await file.readFile()).toString('utf8')
  const end = text.lastIndexOf('\n') + 1
  if (end < text.length) await file.truncate(Buffer.byteLength(text.slice(0, end)))
  return text
    .slice(0, end)
    .split('\n')
    .filter((line) => line !== '')
}
