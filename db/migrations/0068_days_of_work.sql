-- The days on which a calculated batch pays something out, and in what kind of run, with its totals: what is due is looked
-- for in the batches that no run of one of their days has taken from, not in all that was ever calculated.
update work_done d set totals = d.totals || jsonb_build_object('due', coalesce(c.days, '[]'))
from work_batches w left join (select p.municipality_code, p.work_no,
    jsonb_agg(distinct p.disposition_date::text || coalesce(' ' || y.kind, '') collate "C") as days
  from calculations p
  left join pay_days y on y.municipality_code = p.municipality_code and y.work_no = p.work_no
    and y.order_id = p.order_id and y.kind <> 'with_next_ordinary'
  where p.unit >= 0 and (p.net_ore > 0 or exists (select from deductions x
    where x.municipality_code = p.municipality_code and x.item_id = p.order_id * 64 + p.line_no and x.kind = 2))
  group by 1, 2) c using (municipality_code, work_no)
where w.municipality_code = d.municipality_code and w.work_no = d.work_no and w.kind = 'calculate'
  and not d.totals ? 'due';
