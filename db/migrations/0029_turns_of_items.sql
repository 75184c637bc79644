-- The movements of an item are numbered one after the other, by what their maker had read of it: who would move what
-- another has moved meanwhile has the same number, and is refused. So nothing of an item is ever taken twice.
alter table item_movements add column turn_no int check (turn_no >= 0);
update item_movements m set turn_no = n.turn_no
from (select municipality_code, work_no, movement_no,
    row_number() over (partition by municipality_code, item_id order by work_no, movement_no) - 1 as turn_no
  from item_movements) n
where m.municipality_code = n.municipality_code and m.work_no = n.work_no and m.movement_no = n.movement_no;
alter table item_movements alter column turn_no set not null;
drop index item_movements_of_items;
create unique index item_movements_of_items on item_movements (municipality_code, item_id, turn_no);

-- Repayment lines are few: whose they are is asked when a month is planned.
create index order_lines_repayments on order_lines (municipality_code, right_holder, benefit, order_id) where kind = 3;
