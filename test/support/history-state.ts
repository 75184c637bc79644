/** What a municipality's history came to, to be held against that of its twin. */
import type { Municipality } from '../../src/base/id.ts'
import type { TestLine } from './line.ts'

/**
 * What hangs on no order of arrival: no ids in it, and not how many postings were made of answers and statements that
 * came in another order.
 */
export async function stateOf(line: TestLine, code: Municipality): Promise<unknown> {
  const { db } = line.loader
  const balances = await db.often.rows(
    `select account, sum(debit_ore - credit_ore)::bigint as ore from ledger_lines_v1
     where municipality = $1 group by 1 having sum(debit_ore) <> sum(credit_ore) order by 1`,
    [code],
  )
  const items = await db.often.rows(
    `select o.order_key, o.version, o.again, l.line_key, c.gross_ore, c.own_atp_ore, c.am_ore, c.tax_ore, c.set_off_ore,
       c.third_party_ore, c.net_ore, c.employer_atp_ore, c.pension_ore, c.disposition_date
     from calculations c join orders o using (municipality_code, order_id)
     left join order_lines l using (municipality_code, order_id, line_no)
     where c.municipality_code = $1 order by 1, 2, 3, 4`,
    [code],
  )
  const moved = await db.often.rows(
    `select n.order_key, n.version as by, n.again as by_again, o.version, o.again, v.item_id & 63 as line, v.from_place, v.to_place,
       sum(v.gross_ore)::bigint as gross,
       sum(v.tax_ore)::bigint as tax from item_movements v
     join orders n on n.municipality_code = $1 and n.order_id = v.order_id
     join orders o on o.municipality_code = $1 and o.order_id = v.item_id >> 6
     where v.municipality_code = $1 group by 1, 2, 3, 4, 5, 6, 7, 8 order by 1, 2, 3, 4, 5, 6, 7, 8`,
    [code],
  )
  return { balances, items, moved }
}
