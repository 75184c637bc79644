-- What was paid elsewhere (a counter, a bank by hand) and is registered here by one person and approved by another, so
-- that it is not paid twice. It ends what is due of an order as the last attempt at it, in no run of ours.
create table outside_payments (
  municipality_code smallint not null,
  outside_no int not null check (outside_no between 1 and 2097151),
  -- Of what order; it may come later.
  source_system smallint not null,
  order_key text not null check (order_key <> ''),
  -- A third party's line; '': the payee's own money.
  line_key text not null default '',
  amount_ore bigint not null check (amount_ore > 0),
  paid_on date not null,
  -- Whoever paid it knows it by this.
  reference text not null check (reference <> ''),
  document text not null check (document <> ''),
  at timestamptz not null,
  by_actor text not null check (by_actor <> ''),
  primary key (municipality_code, outside_no),
  unique (municipality_code, source_system, order_key, line_key, reference)
);
comment on table outside_payments is 'Payment that was made elsewhere (betalt udenom)';
create table outside_approvals (
  municipality_code smallint not null,
  outside_no int not null,
  at timestamptz not null,
  by_actor text not null check (by_actor <> ''),
  primary key (municipality_code, outside_no)
);
comment on table outside_approvals is 'Approval of a payment made elsewhere by a second person (godkendt betaling udenom)';
create table outside_ends (
  municipality_code smallint not null,
  outside_no int not null,
  reason text not null check (reason <> ''),
  at timestamptz not null,
  by_actor text not null check (by_actor <> ''),
  primary key (municipality_code, outside_no)
);
comment on table outside_ends is 'A payment made elsewhere was registered in error (opgivet betaling udenom)';
-- What it settled: the last attempt at a part, which is due again under this number and never in a run.
create table outside_parts (
  municipality_code smallint not null,
  item_id bigint not null,
  part smallint not null check (part >= 64),
  outside_no int not null,
  work_no int not null,
  source_system smallint not null,
  benefit smallint not null,
  amount_ore bigint not null check (amount_ore > 0),
  primary key (municipality_code, item_id, part)
);
comment on table outside_parts is 'Item part that was paid elsewhere (post betalt udenom)';
do $$
declare
  one text;
begin
  foreach one in array array['outside_payments', 'outside_approvals', 'outside_ends', 'outside_parts'] loop
    execute format('alter table %I enable row level security', one);
    execute format('create policy scope on %I using (municipality_code = any ((select municipality_scope())::smallint[]))', one);
    execute format('create policy loader_reads on %I for select to {{loader}} using (true)', one);
    execute format('grant select on %I to {{reader}}, {{writer}}, {{loader}}', one);
    execute format('grant insert on %I to {{writer}}, {{loader}}', one);
  end loop;
end $$;

-- What was paid elsewhere is due no more.
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
select a.municipality_code, a.disposition_date, a.item_id, a.part, a.payee, c.unit, c.rail_kind, c.source_system,
  c.benefit, coalesce(d.amount_ore, c.net_ore), a.work_no
from parts_again a
join calculations c on c.municipality_code = a.municipality_code and c.order_id = a.item_id >> 6
  and c.line_no = (a.item_id & 63)::smallint
left join deductions d on d.municipality_code = a.municipality_code and d.item_id = a.item_id
  and d.line_no = (a.part & 63)::smallint
where not exists (select from parts_again n where n.municipality_code = a.municipality_code and n.item_id = a.item_id
    and n.part - 64 = a.part)
  and not exists (select from outside_parts u where u.municipality_code = a.municipality_code and u.item_id = a.item_id
    and u.part = a.part)
  and not exists (select from item_movements m where m.municipality_code = a.municipality_code
    and m.item_id = a.item_id and m.to_place = 1 and m.to_ref = 0);
