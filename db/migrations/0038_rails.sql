-- The rail of a paying unit is a local rule from a date; a second person approves it, as it leads all of a unit's money.
do $$
declare
  known text;
begin
  select pg_get_constraintdef(oid) into known from pg_constraint
  where conrelid = 'local_rules'::regclass and conname = 'local_rules_kind_check';
  execute 'alter table local_rules drop constraint local_rules_kind_check';
  execute format('alter table local_rules add constraint local_rules_kind_check %s',
    replace(known, 'ARRAY[', 'ARRAY[''rail''::text, '));
  select pg_get_constraintdef(oid) into known from pg_constraint
  where conrelid = 'deliveries'::regclass and conname = 'deliveries_kind_check';
  execute 'alter table deliveries drop constraint deliveries_kind_check';
  execute format('alter table deliveries add constraint deliveries_kind_check %s',
    replace(known, 'ARRAY[', 'ARRAY[''iso20022''::text, '));
end $$;
alter table local_rules
  -- Kind of the paying unit, and the rail that it pays by.
  add column unit text not null default '',
  add column rail text not null default '',
  add constraint local_rules_rail_check check ((kind = 'rail') = (rail <> '') and (kind = 'rail') = (unit <> ''));

-- A run is one file of one rail.
alter table payment_runs add column rail text not null default 'nemkonto';

-- A file that the rail refused whole: nothing of it was carried out. Attempt 1 is the file of the release.
create table refused_files (
  municipality_code smallint not null,
  run_no int not null,
  attempt int not null check (attempt between 1 and 99),
  -- The answer file that says so, and the answer's own id: the same answer counts once.
  work_no int not null,
  answer_id text not null,
  class text not null check (class in ('functional_refusal', 'technical_fault')),
  reason text not null,
  detail text not null,
  -- When it is sent again of itself; null: a person mends what is wrong and sends it again.
  retry_at timestamptz,
  known_at timestamptz not null,
  primary key (municipality_code, run_no, attempt),
  unique (municipality_code, run_no, answer_id)
);
comment on table refused_files is 'Payment file that the rail refused whole (afvist fil)';

create table file_attempts (
  municipality_code smallint not null,
  run_no int not null,
  attempt int not null check (attempt between 2 and 99),
  -- The one before it was refused: without that there is none.
  after_attempt int not null check (after_attempt = attempt - 1),
  at timestamptz not null,
  by_actor text not null,
  primary key (municipality_code, run_no, attempt),
  foreign key (municipality_code, run_no, after_attempt) references refused_files (municipality_code, run_no, attempt)
);
comment on table file_attempts is 'Payment file that is sent again (genfremsendt fil)';

-- Accepted, and the rail says something beside it. Few: most payments have no row.
create table accepted_warnings (
  municipality_code smallint not null,
  payment_id bigint not null,
  work_no int not null,
  reason text not null,
  primary key (municipality_code, payment_id, reason)
);
comment on table accepted_warnings is 'Warning beside an accepted payment (advarsel)';

alter table refused_files enable row level security;
create policy scope on refused_files using (municipality_code = any ((select municipality_scope())::smallint[]));
create policy loader_reads on refused_files for select to {{loader}} using (true);
alter table file_attempts enable row level security;
create policy scope on file_attempts using (municipality_code = any ((select municipality_scope())::smallint[]));
create policy loader_reads on file_attempts for select to {{loader}} using (true);
alter table accepted_warnings enable row level security;
create policy scope on accepted_warnings using (municipality_code = any ((select municipality_scope())::smallint[]));
create policy loader_reads on accepted_warnings for select to {{loader}} using (true);
grant select on refused_files, file_attempts, accepted_warnings to {{reader}}, {{writer}}, {{loader}};
grant insert on refused_files, file_attempts, accepted_warnings to {{writer}}, {{loader}};
