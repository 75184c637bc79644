-- What was told of a month is compared line by line with what the calculations say, from the files that were written.
create table told_checks (
  municipality_code smallint not null,
  -- The first day of the month whose deliveries were looked at.
  month date not null check (extract(day from month) = 1),
  check_no int not null check (check_no > 0),
  at timestamptz not null,
  by_actor text not null check (by_actor <> ''),
  -- Lines that were compared, and those of which something was told wrongly or not at all.
  lines int not null check (lines >= 0),
  lacking int not null check (lacking >= 0),
  -- What should have been told, less what was, in all.
  lacking_ore bigint not null,
  -- By field and what it means; no person is named.
  detail jsonb not null,
  primary key (municipality_code, month, check_no)
);
comment on table told_checks is 'Check of what was told of a month against the calculations (kontrol af indberetning)';
alter table told_checks enable row level security;
create policy scope on told_checks using (municipality_code = any ((select municipality_scope())::smallint[]));
create policy loader_reads on told_checks for select to {{loader}} using (true);
grant select on told_checks to {{reader}}, {{writer}}, {{loader}};
grant insert on told_checks to {{writer}}, {{loader}};
