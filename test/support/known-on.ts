/**
 * Any question can be asked as known on a day: what was answered then is answered again, whatever came after. It holds
 * because facts are appended with when they were known, and because none pretends to be older than it is.
 */
import assert from 'node:assert/strict'
import type { Db } from '../../src/base/db.ts'
import type { Municipality } from '../../src/base/id.ts'

/** Per municipality: balances of accounts, gross by order and place, open holds, returned payments, as known then. */
async function asKnownOn(db: Db, codes: readonly Municipality[], at: string): Promise<string[]> {
  const rows = await db.rows<{ row: string }>(
    `with known as (select municipality_code as m, work_no from work_batches
       where municipality_code = any ($1) and known_at <= $2::timestamptz),
     gross as (
       select c.municipality_code as m, c.order_id, 0 as place, c.gross_ore as ore from calculations c
         join known k on k.m = c.municipality_code and k.work_no = c.work_no
       union all select v.municipality_code, v.item_id >> 6, v.to_place, v.gross_ore from item_movements v
         join known k on k.m = v.municipality_code and k.work_no = v.work_no
       union all select v.municipality_code, v.item_id >> 6, v.from_place, -v.gross_ore from item_movements v
         join known k on k.m = v.municipality_code and k.work_no = v.work_no)
     select format('%s %s balance %s', l.municipality, l.account, sum(l.debit_ore - l.credit_ore)) as row
     from ledger_lines_v1 l
     join ledger_batches b on b.municipality_code = l.municipality and b.batch_no = l.entry_id >> 24
     where l.municipality = any ($1) and b.known_at <= $2::timestamptz group by l.municipality, l.account
     union all
     select format('%s %s/%s place %s: %s', g.m, o.order_key, o.version, g.place, sum(g.ore)) from gross g
     join orders o on o.municipality_code = g.m and o.order_id = g.order_id
     group by g.m, o.order_key, o.version, g.place
     union all
     select format('%s %s/%s held %s', h.municipality_code, o.order_key, o.version, h.kind) from order_holds h
     join orders o on o.municipality_code = h.municipality_code and o.order_id = h.order_id
     where h.municipality_code = any ($1) and h.at <= $2::timestamptz and not exists (select from order_hold_releases r
       where r.municipality_code = h.municipality_code and r.order_id = h.order_id and r.hold_no = h.hold_no
         and r.at <= $2::timestamptz)
     union all
     select format('%s payment %s returned', r.municipality_code, r.payment_id) from payment_returns r
     join known k on k.m = r.municipality_code and k.work_no = r.work_no
     order by 1`,
    [codes, at],
  )
  return rows.map(({ row }) => row)
}

export interface Memory {
  /** What is known now, and until when nothing more can become known. */
  remember(codes: readonly Municipality[]): Promise<void>
  /** Asks again about every remembered day. */
  isKept(): Promise<void>
}

export function memoryOf(db: Db): Memory {
  const days: { at: string; codes: readonly Municipality[]; answer: string[] }[] = []
  return {
    async remember(codes) {
      const last = await db.first<{ at: string }>(
        `select max(known_at)::text as at from work_batches where municipality_code = any ($1)`,
        [codes],
      )
      const at = last?.at ?? ''
      const answer = await asKnownOn(db, codes, at)
      assert.ok(answer.length > 0, 'something is known')
      days.push({ at, codes, answer })
    },
    async isKept() {
      for (const { at, codes, answer } of days)
        assert.deepEqual(await asKnownOn(db, codes, at), answer, `known on ${at}`)
    },
  }
}
