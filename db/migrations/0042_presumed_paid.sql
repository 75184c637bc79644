-- A rail that tells failures alone never says that a payment went well. When its day and a margin have passed without a
-- return and without the bank's word, its payments are presumed paid: those of a run at once, by their numbers. Few rows:
-- the bank's statement has nearly always come first, and it alone is final.
create table presumed_payments (
  municipality_code smallint not null,
  run_no int not null,
  at timestamptz not null,
  payments int not null check (payments > 0),
  numbers int4multirange not null,
  primary key (municipality_code, run_no)
);
comment on table presumed_payments is 'Payments of a run that are presumed paid, by number within it (formodet udbetalt)';
alter table presumed_payments enable row level security;
create policy scope on presumed_payments using (municipality_code = any ((select municipality_scope())::smallint[]));
create policy loader_reads on presumed_payments for select to {{loader}} using (true);
grant select on presumed_payments to {{reader}}, {{writer}}, {{loader}};
grant insert on presumed_payments to {{writer}}, {{loader}};
