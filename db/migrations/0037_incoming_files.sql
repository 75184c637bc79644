-- A notification (camt.054) is kept as received, and never booked.
alter table received_files drop constraint received_files_kind_check,
  add constraint received_files_kind_check check (kind in ('answers', 'statement', 'notification'));

-- Others pay from the account too: what names nothing of ours there is kept and counted, and posted nowhere.
alter table statement_entries drop constraint statement_entries_match_check,
  add constraint statement_entries_match_check check (match in ('settled', 'returned', 'unmatched', 'not_ours'));

-- Which bank account a rule is about; of the other kinds ''. The kinds that there are stay.
do $$
declare
  known text;
begin
  select pg_get_constraintdef(oid) into known from pg_constraint
  where conrelid = 'local_rules'::regclass and conname = 'local_rules_kind_check';
  execute 'alter table local_rules drop constraint local_rules_kind_check';
  execute format('alter table local_rules add constraint local_rules_kind_check %s',
    replace(known, 'ARRAY[', 'ARRAY[''shared_account''::text, '));
end $$;
alter table local_rules add column account text not null default '',
  add constraint local_rules_account_check check ((kind = 'shared_account') = (account <> ''));

-- What could not be read or placed of a file stands with the file, with its line. This says that a person has seen to it.
create table quarantine_resolutions (
  municipality_code smallint not null,
  -- The file.
  work_no int not null,
  -- Which of the file's problems, from 1.
  problem_no int not null check (problem_no > 0),
  at timestamptz not null,
  by_actor text not null check (by_actor <> ''),
  reason text not null check (reason <> ''),
  primary key (municipality_code, work_no, problem_no)
);
comment on table quarantine_resolutions is 'Person''s word on a line in quarantine (afklaret linje i karantæne)';

-- A bank line that names nothing, or the wrong thing, is what a person says it is. The line stays as it came; the entry
-- beside it says what it settles or returns.
create table hand_matches (
  municipality_code smallint not null,
  work_no int not null,
  account text not null,
  -- Of the line that is matched.
  bank_ref text not null,
  at timestamptz not null,
  by_actor text not null check (by_actor <> ''),
  reason text not null check (reason <> ''),
  primary key (municipality_code, work_no),
  unique (municipality_code, account, bank_ref)
);
comment on table hand_matches is 'Bank line that a person has matched (håndmatch)';

alter table quarantine_resolutions enable row level security;
create policy scope on quarantine_resolutions using (municipality_code = any ((select municipality_scope())::smallint[]));
create policy loader_reads on quarantine_resolutions for select to {{loader}} using (true);
alter table hand_matches enable row level security;
create policy scope on hand_matches using (municipality_code = any ((select municipality_scope())::smallint[]));
create policy loader_reads on hand_matches for select to {{loader}} using (true);
grant select on quarantine_resolutions, hand_matches to {{reader}}, {{writer}}, {{loader}};
grant insert on quarantine_resolutions, hand_matches to {{writer}}, {{loader}};
