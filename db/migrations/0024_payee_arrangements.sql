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

-- Whom a citizen's or a company's own money is paid to instead of themselves, entered here by one person and approved by
-- another: a guardian or an estate, or an account of its own for a benefit. Orders that name another payee keep theirs.
create table payee_arrangements (
  municipality_code smallint not null,
  arrangement_no int not null check (arrangement_no between 1 and 2097151),
  beneficiary bigint not null,
  -- Null: every benefit.
  benefit smallint,
  payee bigint not null,
  -- Registration number (4) and account (10). Null: the payee's NemKonto.
  account text check (account ~ '^[0-9]{14}$'),
  valid_from date not null,
  valid_to date check (valid_to > valid_from),
  reason text not null check (reason <> ''),
  document text not null check (document <> ''),
  at timestamptz not null,
  by_actor text not null,
  primary key (municipality_code, arrangement_no),
  check (payee <> beneficiary or account is not null)
);
comment on table payee_arrangements is 'Payee or account entered for a beneficiary (modtageraftale)';
create table payee_arrangement_approvals (
  municipality_code smallint not null,
  arrangement_no int not null,
  at timestamptz not null,
  by_actor text not null,
  primary key (municipality_code, arrangement_no)
);
comment on table payee_arrangement_approvals is 'Approval of a payee arrangement by a second person (godkendt modtageraftale)';
create table payee_arrangement_ends (
  municipality_code smallint not null,
  arrangement_no int not null,
  -- The first disposition date on which it applies no more.
  from_date date not null,
  reason text not null check (reason <> ''),
  at timestamptz not null,
  by_actor text not null,
  primary key (municipality_code, arrangement_no)
);
comment on table payee_arrangement_ends is 'End of a payee arrangement (ophør af modtageraftale)';
create table arranged_payments (
  municipality_code smallint not null,
  payment_id bigint not null,
  arrangement_no int not null,
  primary key (municipality_code, payment_id)
);
comment on table arranged_payments is 'Payment made by a payee arrangement (betaling efter modtageraftale)';
do $$
declare
  one text;
begin
  foreach one in array array['payee_arrangements', 'payee_arrangement_approvals', 'payee_arrangement_ends', 'arranged_payments'] loop
    execute format('alter table %I enable row level security', one);
    execute format('create policy scope on %I using (municipality_code = any ((select municipality_scope())::smallint[]))', one);
    execute format('create policy loader_reads on %I for select to {{loader}} using (true)', one);
    execute format('grant select on %I to {{reader}}, {{writer}}, {{loader}}', one);
    execute format('grant insert on %I to {{writer}}, {{loader}}', one);
  end loop;
end $$;
