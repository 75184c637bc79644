/**
 * How a movement is read of which the meaning is in its neighbour. What is taken in a coming payment stands again at
 * its own line and goes on from there (`adjust.ts`), what a stopped payment gives back comes the same way back: two
 * movements, one after the other in their batch. That which stands again by itself is given back: wanted once more, or
 * own ATP that is owed no more. Conditions of SQL on a movement `m`.
 */

const isPair = (first: string, second: string): string =>
  `${second}.item_id = ${first}.item_id and ${second}.gross_ore = ${first}.gross_ore and ${second}.from_ref = ${first}.to_ref`

const beside = (n: string, by: number): string =>
  `${n}.municipality_code = m.municipality_code and ${n}.work_no = m.work_no and ${n}.movement_no = m.movement_no + ${by}`

/** Of another time or component: within one the decision itself says that it stands. */
const isElsewhere = (m: string): string =>
  `exists (select from order_lines a join order_lines b on b.municipality_code = a.municipality_code
    and b.order_id = ${m}.to_ref >> 6 and b.line_no = (${m}.to_ref & 63)::smallint
  where a.municipality_code = ${m}.municipality_code and a.order_id = ${m}.from_ref >> 6
    and a.line_no = (${m}.from_ref & 63)::smallint
    and (a.component, a.period_from, a.period_to) is distinct from (b.component, b.period_from, b.period_to))`

/** It stands again for the length of one movement, and is then taken in the payment of another line. */
export const IS_TAKEN = `(m.from_place = 6 and m.to_place = 0 and m.from_ref = m.to_ref and exists (select from item_movements n
  where ${beside('n', 1)} and n.from_place = 0 and n.to_place = 0 and ${isPair('m', 'n')} and ${isElsewhere('n')}))`

/** The second of the two: it goes to the line in whose payment it is taken. */
export const IS_TAKEN_THERE = `(m.from_place = 0 and m.to_place = 0 and exists (select from item_movements n
  where ${beside('n', -1)} and n.from_place = 6 and n.to_place = 0 and n.from_ref = n.to_ref and ${isPair('n', 'm')})
  and ${isElsewhere('m')})`

/** The payment that it was taken in was stopped: it comes back from that line, for the length of one movement. */
export const IS_GIVEN_BACK_THERE = `(m.from_place = 0 and m.to_place = 0 and exists (select from item_movements n
  where ${beside('n', 1)} and n.from_place = 0 and n.to_place = 6 and ${isPair('m', 'n')}))`

/** The second of the two: it is to be taken again. Nothing else goes there from where it stands. */
export const IS_GIVEN_BACK = '(m.from_place = 0 and m.to_place = 6)'
