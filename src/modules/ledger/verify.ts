/** Recomputes every digest and the whole chain, and names the first thing that does not agree. */
import { hash } from 'node:crypto'
import type { Db } from '../../base/db.ts'
import { type Municipality, RECORDS_PER_BATCH } from '../../base/id.ts'
import { nextHead } from './seal.ts'

export interface FirstBad {
  readonly municipality: Municipality
  readonly batch: number
  /** 0 when the batch itself, its seal or a delivery is what does not agree. */
  readonly entry: number
  readonly what: string
}

interface EntryRow {
  readonly entry_id: number
  readonly batch_no: number
  readonly stored: Buffer | null
  readonly computed: Buffer | null
}

/** Transfers read in one question. */
const CHUNK_TRANSFERS = 100_000

const ENTRIES = `
  select coalesce(e.entry_id, t.entry_id) as entry_id, (coalesce(e.entry_id, t.entry_id) >> 24)::int as batch_no,
    e.digest as stored, t.computed
  from (select entry_id, cause_id, digest from entries where municipality_code = $1
          and entry_id >= $2::bigint << 24 and entry_id < $3::bigint << 24) e
  full join (
    select x.entry_id, sha256(int8send(x.entry_id) || int8send(coalesce(min(c.cause_id), -1)) ||
      string_agg(int4send(x.transfer_no) || int2send(x.source_system) || int2send(x.benefit)
        || int4send(x.debit_account) || int4send(x.credit_account) || int8send(x.amount_ore) || int8send(x.item_id),
        ''::bytea order by x.transfer_no)) as computed
    from transfers x left join entries c on c.municipality_code = x.municipality_code and c.entry_id = x.entry_id
    where x.municipality_code = $1 and x.entry_id >= $2::bigint << 24 and x.entry_id < $3::bigint << 24
    group by x.entry_id) t on t.entry_id = e.entry_id
  order by 1`

/** Checks one municipality; undefined when all agrees. `progress` is told how many batches are done. */
export async function verifyMunicipality(
  db: Db,
  municipality: Municipality,
  progress: (done: number, total: number) => void = () => undefined,
): Promise<FirstBad | undefined> {
  const batches = await db.rows<{ batch_no: number; entries: number; transfers: number; digest: Buffer }>(
    `select batch_no, entries, transfers, digest from ledger_batches where municipality_code = $1 order by batch_no`,
    [municipality],
  )
  const seals = await db.rows<{ seal_no: number; batch_no: number; head: Buffer }>(
    'select seal_no, batch_no, head from seals where municipality_code = $1 order by seal_no',
    [municipality],
  )
  const bad = (batch: number, entry: number, what: string): FirstBad => ({ municipality, batch, entry, what })
  const entriesOf = chunkedEntries(db, municipality, batches)
  // In the order of the chain; what is not sealed yet comes last.
  const place = new Map(seals.map((seal) => [seal.batch_no, seal.seal_no]))
  batches.sort((a, b) => (place.get(a.batch_no) ?? 2 ** 31) - (place.get(b.batch_no) ?? 2 ** 31))
  let head: Buffer = Buffer.alloc(32)
  for (const [i, batch] of batches.entries()) {
    const found = judgeBatch(batch, await entriesOf(batch.batch_no))
    if (found) return bad(batch.batch_no, found.entry, found.what)
    const seal = seals[i]
    head = nextHead(head, batch.digest)
    if (seal !== undefined) {
      if (seal.seal_no !== i + 1 || seal.batch_no !== batch.batch_no)
        return bad(seal.batch_no, 0, 'a sealed batch is missing or out of order')
      if (!seal.head.equals(head)) return bad(batch.batch_no, 0, 'the seal does not follow from the batch')
    }
    progress(i + 1, batches.length)
  }
  if (seals.length > batches.length)
    return bad(seals[batches.length]?.batch_no ?? 0, 0, 'a sealed batch is missing: the ledger was cut off')
  const stray = await db.first<{ entry_id: number }>(
    `select t.entry_id from transfers t where t.municipality_code = $1 and not exists (select from ledger_batches b
       where b.municipality_code = t.municipality_code and b.batch_no = (t.entry_id >> 24)::int) order by 1 limit 1`,
    [municipality],
  )
  if (stray) return bad(Math.floor(stray.entry_id / 2 ** 24), stray.entry_id, 'transfers without a ledger batch')
  return verifyDeliveredHeads(db, municipality, seals)
}

/**
 * The entries of a batch, read with those of its neighbours: transfers are found by ranges of pages, so a few large
 * questions cost what one small one does.
 */
function chunkedEntries(
  db: Db,
  municipality: Municipality,
  batches: readonly { batch_no: number; transfers: number }[],
): (batchNo: number) => Promise<readonly EntryRow[]> {
  const chunkOf = new Map<number, { from: number; to: number }>()
  let chunk = { from: -1, to: -1 }
  let transfers = CHUNK_TRANSFERS
  for (const batch of [...batches].sort((a, b) => a.batch_no - b.batch_no)) {
    if (transfers >= CHUNK_TRANSFERS) {
      chunk = { from: batch.batch_no, to: batch.batch_no }
      transfers = 0
    }
    transfers += batch.transfers
    chunk.to = batch.batch_no + 1
    chunkOf.set(batch.batch_no, chunk)
  }
  let loaded = { from: -1, to: -1 }
  let rows = new Map<number, EntryRow[]>()
  return async (batchNo) => {
    const wanted = chunkOf.get(batchNo) as typeof loaded
    if (wanted !== loaded) {
      loaded = wanted
      rows = new Map()
      for (const row of await db.rows<EntryRow>(ENTRIES, [municipality, wanted.from, wanted.to])) {
        const list = rows.get(row.batch_no)
        if (list === undefined) rows.set(row.batch_no, [row])
        else list.push(row)
      }
    }
    return rows.get(batchNo) ?? []
  }
}

function judgeBatch(
  batch: { batch_no: number; entries: number; digest: Buffer },
  rows: readonly EntryRow[],
): { entry: number; what: string } | undefined {
  // Entries are numbered without gaps: a gap is an entry that is gone.
  const first = batch.batch_no * RECORDS_PER_BATCH
  for (const [i, row] of rows.entries()) {
    if (row.entry_id !== first + i) return { entry: first + i, what: 'the entry is missing' }
    if (row.stored === null) return { entry: row.entry_id, what: 'transfers without an entry' }
    if (row.computed === null) return { entry: row.entry_id, what: 'an entry without its transfers' }
    if (!row.stored.equals(row.computed)) return { entry: row.entry_id, what: 'the entry does not match its digest' }
  }
  if (rows.length < batch.entries) return { entry: first + rows.length, what: 'the entry is missing' }
  const digest = hash('sha256', Buffer.concat(rows.map((row) => row.stored as Buffer)), 'buffer')
  if (rows.length !== batch.entries || !digest.equals(batch.digest)) {
    return { entry: rows.at(-1)?.entry_id ?? 0, what: `the batch has ${rows.length} of ${batch.entries} entries` }
  }
  return undefined
}

/** A delivery carries the head of its day: a head that the chain does not know means that the tail was cut off. */
async function verifyDeliveredHeads(
  db: Db,
  municipality: Municipality,
  seals: readonly { batch_no: number; head: Buffer }[],
): Promise<FirstBad | undefined> {
  const known = new Set(seals.map((seal) => seal.head.toString('hex')))
  known.add('0'.repeat(64))
  const told = await db.rows<{ delivery_no: number; head: string }>(
    `select delivery_no, encode(ledger_head, 'hex') as head from deliveries where municipality_code = $1 order by 1`,
    [municipality],
  )
  const lost = told.find((delivery) => !known.has(delivery.head))
  return lost === undefined
    ? undefined
    : {
        municipality,
        batch: (seals.at(-1)?.batch_no ?? 0) + 1,
        entry: 0,
        what: `delivery ${lost.delivery_no} was told of a head that the ledger no longer has: it was cut off or restored`,
      }
}
