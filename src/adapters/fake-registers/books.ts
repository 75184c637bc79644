/**
 * The fake registers' own books: every change that was told to them, and every file that they have laid. Kept as an
 * append-only journal of acts; what the books are follows from the acts alone.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { type CardTold, writeCardDelivery } from '../eskattekort/index.ts'
import { type CprChange, writeCprExtract } from '../cpr/index.ts'
import { type CvrChange, writeCvrChanges } from '../cvr/index.ts'

export type Register = 'cpr' | 'cvr' | 'eskattekort'

/** Something that a register comes to know on a day. */
export interface Change {
  /** The register's own number of it: the same told again is a fault. */
  readonly id: string
  readonly register: Register
  /** Four digits. */
  readonly municipality: string
  /** The day on which it is known and sent, `YYYY-MM-DD`. */
  readonly known: string
  readonly what: CprChange | CvrChange | CardTold
}

export type Misdeed =
  /** It is sent on this day instead. */
  | { readonly late: string; readonly until: string }
  /** The next file of the register is laid again under another name. */
  | { readonly double: Register }
  /** The changes of the next file of the register stand in the opposite order. */
  | { readonly reverse: Register }
  /** A line of the next file of the register is spoilt. */
  | { readonly damage: Register }
  /** The next file of the register is cut off. */
  | { readonly cut: Register }

export type Act =
  | { readonly t: 'change'; readonly change: Change }
  | { readonly t: 'misdeed'; readonly misdeed: Misdeed }
  | { readonly t: 'sent'; readonly date: string; readonly files: readonly string[]; readonly ids: readonly string[] }

export interface Books {
  readonly changes: Map<string, Change>
  readonly sent: Set<string>
  readonly late: Map<string, string>
  readonly pending: { readonly [K in 'double' | 'reverse' | 'damage' | 'cut']: Set<Register> }
  files: number
  /** Changes told again: faults of who tells them. */
  doubles: number
  deliveries: number
}

export function emptyBooks(): Books {
  const pending = { double: new Set(), reverse: new Set(), damage: new Set(), cut: new Set() } as Books['pending']
  return { changes: new Map(), sent: new Set(), late: new Map(), pending, files: 0, doubles: 0, deliveries: 0 }
}

export function perform(books: Books, act: Act): void {
  switch (act.t) {
    case 'change':
      if (books.changes.has(act.change.id)) books.doubles++
      else books.changes.set(act.change.id, act.change)
      return
    case 'misdeed': {
      const { misdeed } = act
      if ('late' in misdeed) books.late.set(misdeed.late, misdeed.until)
      else for (const [kind, register] of Object.entries(misdeed)) pendingOf(books, kind).add(register as Register)
      return
    }
    case 'sent':
      for (const id of act.ids) books.sent.add(id)
      for (const one of Object.values(books.pending)) one.clear()
      books.files += act.files.length
      books.deliveries++
  }
}

function pendingOf(books: Books, kind: string): Set<Register> {
  return books.pending[kind as keyof Books['pending']]
}

export interface LaidFile {
  readonly register: Register
  readonly name: string
  readonly text: string
}

/** The files of a day: a file for each register and municipality that has something due, and their misdeeds. */
export function filesOf(books: Books, date: string): { readonly files: LaidFile[]; readonly ids: string[] } {
  const due = [...books.changes.values()].filter(
    (change) => !books.sent.has(change.id) && (books.late.get(change.id) ?? change.known) <= date,
  )
  const files: LaidFile[] = []
  for (const [key, own] of Map.groupBy(due, ({ register, municipality }) => `${register} ${municipality}`)) {
    const [register, municipality] = key.split(' ') as [Register, string]
    const ordered = books.pending.reverse.has(register) ? own.toReversed() : own
    const whole = textOf(register, date, books.deliveries + 1, ordered)
    const text = spoilt(books, register, whole)
    const name = `${municipality}-${register}-${date}-${books.deliveries + 1}.txt`
    files.push({ register, name, text })
    if (books.pending.double.has(register)) files.push({ register, name: name.replace('.txt', 'b.txt'), text })
  }
  return { files, ids: due.map((change) => change.id) }
}

function spoilt(books: Books, register: Register, text: string): string {
  const rows = text.split('\n')
  const first = register === 'cvr' ? 0 : 1
  if (books.pending.damage.has(register)) rows[first] = '#'.repeat(20)
  return books.pending.cut.has(register) ? rows.slice(0, -2).join('\n') : rows.join('\n')
}

function textOf(register: Register, date: string, delivery: number, changes: readonly Change[]): string {
  switch (register) {
    case 'cpr':
      return writeCprExtract(
        date,
        changes.map((one) => one.what as CprChange),
      )
    case 'cvr':
      return writeCvrChanges(changes.map((one) => one.what as CvrChange))
    case 'eskattekort':
      return writeCardDelivery(
        delivery,
        date,
        changes.map((one) => one.what as CardTold),
      )
  }
}

export interface Journal {
  readonly books: Books
  act(act: Act): void
}

/** A line that was torn by a kill is forgotten: the act is done again. */
export function openJournal(path: string): Journal {
  const books = emptyBooks()
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : []
  for (const line of lines.slice(0, -1)) perform(books, JSON.parse(line) as Act)
  return {
    books,
    act(one) {
      appendFileSync(path, `${JSON.stringify(one)}\n`)
      perform(books, one)
    },
  }
}
