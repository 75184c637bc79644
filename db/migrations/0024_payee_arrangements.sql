-- Own ATP that is given back withdraws gross of a line (to_ref), not the item: what was due of it stays as it was.
create or replace view payables with (security_invoker = true) as
select c.municipality_code, c.disposition_date, c.order_id * 64 + c.line_no as item_id, 0::smallint as part, c.payee,
  c.unit, c.rail_kind, c.source_system, c.benefit, c.net_ore as amount_ore, c.work_no
from calculations c
where c.net_ore > 0 and not exists (select from item_movements m where m.municipality_code = c.municipality_code
  and m.item_id = c.order_id * 64 + c.line_no and m.to_place = 1 and m.to_ref = 0)
union all
select d.municipality_code, c.disposition_date, d.item_id, d.line_no as part, d.payee, c.unit, c.rail_kind,
  c.source_system, c.benefit, d.amount_ore, c.work_no
from deductions d join calculations c on c.municipality_code = d.municipality_code and c.order_id = d.item_id >> 6
  and c.line_no = (d.item_id & 63)::smallint
where d.kind = 2 and not exists (select from item_movements m where m.municipality_code = d.municipality_code
  and m.item_id = d.item_id and m.to_place = 1 and m.to_ref = 0);
