-- A part is due again under a number that is 64 higher: what was stopped and is let go, and now also what came back. So
-- the citizen's own part (0) is due again as 64, 128 and so on; the line is what is below 64.
alter table parts_again drop constraint parts_again_part_check, add check (part >= 64);
comment on table parts_again is 'Item part that is due again after it was stopped or came back (udbetales igen)';

-- A person, or the control before approval, takes a line out of a run that is not released: until somebody lets it go,
-- or until a day. The number of the work is that of the parts it stopped.
alter table stopped_parts drop constraint stopped_parts_cause_check, add check (cause in ('death', 'missing',
  'bankruptcy', 'closed', 'tax_card', 'held', 'gate', 'double'));
create table payment_holds (
  municipality_code smallint not null,
  work_no int not null,
  reason text not null check (reason <> ''),
  -- Who must see to it.
  owner text not null check (owner <> ''),
  -- Let go by itself, to be paid on the first bank day from this one; null: until a person does.
  until date,
  at timestamptz not null,
  by_actor text not null,
  primary key (municipality_code, work_no)
);
comment on table payment_holds is 'Hold on lines of a run that is not released (tilbageholdt betaling)';
alter table payment_holds enable row level security;
create policy scope on payment_holds using (municipality_code = any ((select municipality_scope())::smallint[]));
create policy loader_reads on payment_holds for select to {{loader}} using (true);
grant select on payment_holds to {{reader}}, {{writer}}, {{loader}};
grant insert on payment_holds to {{writer}}, {{loader}};

-- What was withdrawn is not due, under whatever number; nor is what no office of ours pays. What is due again is due
-- under its newest number alone.
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
  and not exists (select from item_movements m where m.municipality_code = a.municipality_code
    and m.item_id = a.item_id and m.to_place = 1 and m.to_ref = 0);
