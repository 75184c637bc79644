-- A letter that was published: what it was made of, and what as. Its bytes lie in the outgoing folder and are recorded as
-- deliveries; who got it stands in neither table.
create table letters (
  municipality_code smallint not null,
  letter_no int not null,
  payment_id bigint not null,
  template text not null check (template <> ''),
  version date not null,
  -- Of template, version and data.
  data_sha256 bytea not null,
  html_sha256 bytea not null,
  pdf_sha256 bytea not null,
  memo_sha256 bytea not null,
  -- Rules of accessibility that it was held against and broke none of.
  checks int not null check (checks > 0),
  at timestamptz not null,
  by_actor text not null,
  primary key (municipality_code, letter_no)
);
comment on table letters is 'Letter that passed the accessibility gate and was published (brev)';
create index letters_of_payment on letters (municipality_code, payment_id);
alter table letters enable row level security;
create policy scope on letters using (municipality_code = any ((select municipality_scope())::smallint[]));
create policy loader_reads on letters for select to {{loader}} using (true);
grant select on letters to {{reader}}, {{writer}}, {{loader}};
grant insert on letters to {{writer}}, {{loader}};
do $$
declare
  known text;
begin
  select pg_get_constraintdef(oid) into known from pg_constraint
  where conrelid = 'deliveries'::regclass and conname = 'deliveries_kind_check';
  execute format('alter table deliveries drop constraint deliveries_kind_check, add constraint deliveries_kind_check %s',
    replace(known, 'ARRAY[', 'ARRAY[''letter''::text, '));
end $$;
