-- The bank line of what was paid elsewhere, on an account that we read: by its reference, or by a person's word.
create table outside_lines (
  municipality_code smallint not null,
  outside_no int not null,
  -- The act that found it, and the line as the bank knows it.
  work_no int not null,
  account text not null,
  bank_ref text not null,
  primary key (municipality_code, outside_no),
  unique (municipality_code, account, bank_ref)
);
comment on table outside_lines is 'Bank line of a payment that was made elsewhere (banklinje betalt udenom)';
alter table outside_lines enable row level security;
create policy scope on outside_lines using (municipality_code = any ((select municipality_scope())::smallint[]));
create policy loader_reads on outside_lines for select to {{loader}} using (true);
grant select on outside_lines to {{reader}}, {{writer}}, {{loader}};
grant insert on outside_lines to {{writer}}, {{loader}};

-- The entry beside the line says that it is of what was paid elsewhere.
alter table statement_entries drop constraint statement_entries_match_check,
  add constraint statement_entries_match_check check (match in ('settled', 'returned', 'unmatched', 'not_ours', 'outside'));
