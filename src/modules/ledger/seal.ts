/** The chain over ledger batches: one sealer per municipality, in batch order. What was sealed cannot change unseen. */
import { hash } from 'node:crypto'
import type { Db, Tx } from '../../base/db.ts'
import type { Municipality } from '../../base/id.ts'

const FIRST_HEAD = Buffer.alloc(32)

/**
 * Seals the batches numbered below `before` that are not sealed yet, in their order; gives the head. A batch may come
 * later than one with a higher number (a late bank statement): it is sealed when it comes. One caller at a time.
 */
export async function sealLedger(tx: Tx, municipality: Municipality, before = 2 ** 31 - 1): Promise<Buffer> {
  const last = await lastSeal(tx, municipality)
  const open = await tx.often.rows<{ batch_no: number; digest: Buffer }>(
    `select b.batch_no, b.digest from ledger_batches b where b.municipality_code = $1 and b.batch_no < $2
       and not exists (select from seals s where s.municipality_code = $1 and s.batch_no = b.batch_no) order by 1`,
    [municipality, before],
  )
  let { head, sealNo } = last
  const numbers: number[] = []
  const batches: number[] = []
  const heads: string[] = []
  for (const batch of open) {
    head = nextHead(head, batch.digest)
    sealNo++
    numbers.push(sealNo)
    batches.push(batch.batch_no)
    heads.push(head.toString('hex'))
  }
  if (open.length > 0) {
    await tx.often.run(
      `insert into seals (municipality_code, seal_no, batch_no, head)
       select $1, n, b, decode(h, 'hex') from unnest($2::int[], $3::int[], $4::text[]) as s (n, b, h)`,
      [municipality, numbers, batches, heads],
    )
  }
  return head
}

export function nextHead(head: Buffer, digest: Buffer): Buffer {
  return hash('sha256', Buffer.concat([head, digest]), 'buffer')
}

async function lastSeal(db: Db, municipality: Municipality): Promise<{ head: Buffer; sealNo: number }> {
  const row = await db.often.first<{ head: Buffer; seal_no: number }>(
    'select head, seal_no from seals where municipality_code = $1 order by seal_no desc limit 1',
    [municipality],
  )
  return row ? { head: row.head, sealNo: row.seal_no } : { head: FIRST_HEAD, sealNo: 0 }
}

/** The head of one municipality as hex; 64 zeros before the first seal. */
export async function ledgerHead(db: Db, municipality: Municipality): Promise<string> {
  return (await lastSeal(db, municipality)).head.toString('hex')
}

/** One head for the ledgers of municipalities, in whatever order they were named; empty ones do not count. */
export function headOf(heads: ReadonlyMap<Municipality, string>): string {
  const [only, ...more] = [...heads].sort(([a], [b]) => a - b).map(([, head]) => head)
  if (only !== undefined && more.length === 0) return only
  const empty = FIRST_HEAD.toString('hex')
  return hash('sha256', [only, ...more].filter((one) => one !== empty).join(''))
}
