-- Payments that an old system had back, and not paid again, when it was taken over. Each is what that system paid (an
-- order of version 0, no office of ours paid it), with the payment and its return: from there it is as a return of ours.
create table opening_returns (
  municipality_code smallint not null,
  -- Beyond all runs: 2^46 and the order, which is numbered by the intake that told it.
  payment_id bigint not null check (payment_id >= 1::bigint << 46),
  source_system smallint not null,
  -- The old system's own.
  return_key text not null check (return_key <> ''),
  content_hash bytea not null,
  amount_ore bigint not null check (amount_ore > 0),
  paid_on date not null,
  -- Its age is reckoned from here.
  returned_on date not null check (returned_on >= paid_on),
  -- What the old system knew the payment by, and what it was for; '' when that is not told.
  reference text not null check (reference <> ''),
  text text not null,
  primary key (municipality_code, payment_id),
  unique (municipality_code, source_system, return_key)
);
comment on table opening_returns is 'Returned payment that was taken over from an old system (overtaget returnering)';
alter table opening_returns enable row level security;
create policy scope on opening_returns using (municipality_code = any ((select municipality_scope())::smallint[]));
create policy loader_reads on opening_returns for select to {{loader}} using (true);
grant select on opening_returns to {{reader}}, {{writer}}, {{loader}};
grant insert on opening_returns to {{writer}}, {{loader}};

-- What no office of ours paid is due only when it came back and is paid again: by the office of the payment that did.
create or replace view payables with (security_invoker = true) as
select c.municipality_code, c.disposition_date, c.order_id * 64 + c.line_no as item_id, 0::smallint as part, c.payee,
  c.unit, c.rail_kind, c.source_system, c.benefit, c.net_ore as amount_ore, c.work_no
from calculations c
where c.net_ore > 0 and c.unit >= 0 and not exists (select from item_movements m where m.municipality_code = c.municipality_code
  and m.item_id = c.order_id * 64 + c.line_no and m.to_place = 1 and m.to_ref = 0)
  and not exists (select from parts_again a where a.municipality_code = c.municipality_code
    and a.item_id = c.order_id * 64 + c.line_no and a.part = 64)
union all
select d.municipality_code, c.disposition_date, d.item_id, d.line_no as part, d.payee, c.unit, c.rail_kind,
  c.source_system, c.benefit, d.amount_ore, c.work_no
from deductions d join calculations c on c.municipality_code = d.municipality_code and c.order_id = d.item_id >> 6
  and c.line_no = (d.item_id & 63)::smallint
where d.kind = 2 and not exists (select from item_movements m where m.municipality_code = d.municipality_code
    and m.item_id = d.item_id and m.to_place = 1 and m.to_ref = 0)
  and not exists (select from parts_again a where a.municipality_code = d.municipality_code and a.item_id = d.item_id
    and a.part - 64 = d.line_no)
union all
select a.municipality_code, a.disposition_date, a.item_id, a.part, a.payee,
  case when c.unit >= 0 then c.unit else (select y.unit from payment_parts x
    join payments y on y.municipality_code = x.municipality_code and y.payment_id = x.payment_id
    where x.municipality_code = a.municipality_code and x.item_id = a.item_id and x.part = (a.part & 63)::smallint) end as unit,
  c.rail_kind, c.source_system, c.benefit, coalesce(d.amount_ore, c.net_ore), a.work_no
from parts_again a
join calculations c on c.municipality_code = a.municipality_code and c.order_id = a.item_id >> 6
  and c.line_no = (a.item_id & 63)::smallint
left join deductions d on d.municipality_code = a.municipality_code and d.item_id = a.item_id
  and d.line_no = (a.part & 63)::smallint
where not exists (select from parts_again n where n.municipality_code = a.municipality_code and n.item_id = a.item_id
    and n.part - 64 = a.part)
  and not exists (select from outside_parts u where u.municipality_code = a.municipality_code
    and u.item_id = a.item_id and u.part = a.part)
  and not exists (select from item_movements m where m.municipality_code = a.municipality_code
    and m.item_id = a.item_id and m.to_place = 1 and m.to_ref = 0);
