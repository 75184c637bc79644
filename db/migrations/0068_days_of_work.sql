-- The days on which a calculated batch pays something out, with its totals: what is due is looked for in the batches that
-- no run of one of their days has taken from, not in all that was ever calculated.
update work_done d set totals = d.totals || jsonb_build_object('due', coalesce(c.days, '[]'))
from work_batches w left join (select municipality_code, work_no,
    jsonb_agg(distinct disposition_date order by disposition_date) filter (where unit >= 0) as days
  from calculations group by 1, 2) c using (municipality_code, work_no)
where w.municipality_code = d.municipality_code and w.work_no = d.work_no and w.kind = 'calculate'
  and not d.totals ? 'due';
