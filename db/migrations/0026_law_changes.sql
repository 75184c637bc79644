-- A law change of what is decided here: entered by one person, tried on what was paid, approved by another. National
-- rows. The rate book is what ships and every approved change, in the order of approval.
create table law_changes (
  change_no int primary key check (change_no between 1 and 9999),
  name text not null check (name <> ''),
  legal_source text not null check (legal_source <> ''),
  effective_from date not null,
  changes jsonb not null check (jsonb_typeof(changes) = 'array' and changes <> '[]'),
  file_sha256 bytea not null unique,
  known_at timestamptz not null,
  by_actor text not null check (by_actor <> ''),
  unique (change_no, by_actor)
);
comment on table law_changes is 'Law change of what TØK decides (lovændring)';

-- base_no: approved changes in the book that it was tried beside; until_work: finished batches of work that it saw.
create table law_tests (
  change_no int not null references law_changes,
  test_no int not null check (test_no >= 1),
  base_no int not null check (base_no >= 0),
  municipalities smallint[] not null check (cardinality(municipalities) > 0),
  since date not null,
  until_work bigint not null check (until_work >= 0),
  items bigint not null check (items >= 0),
  changed_items bigint not null check (changed_items between 0 and items),
  net_ore bigint not null,
  totals jsonb not null,
  by_benefit jsonb not null,
  known_at timestamptz not null,
  by_actor text not null check (by_actor <> ''),
  primary key (change_no, test_no)
);
comment on table law_tests is 'Trial of a law change on what was paid, and its sums (prøvning af en lovændring)';

-- Never by who entered it, and never without a trial: the database holds both.
create table law_approvals (
  approval_no int primary key check (approval_no >= 1),
  change_no int not null unique,
  test_no int not null,
  entered_by text not null,
  known_at timestamptz not null,
  by_actor text not null check (by_actor <> '' and by_actor <> entered_by),
  foreign key (change_no, test_no) references law_tests,
  foreign key (change_no, entered_by) references law_changes (change_no, by_actor)
);
comment on table law_approvals is 'Approval of a law change: from then on it applies (godkendt lovændring)';

-- The first batch of work of a municipality that was planned with so many approved changes. What was planned before
-- goes on with the book that it was planned with, also when it is killed and resumed.
create table law_uses (
  municipality_code smallint not null,
  approval_no int not null references law_approvals,
  first_work_no int not null check (first_work_no >= 1),
  primary key (municipality_code, approval_no)
);
comment on table law_uses is 'Law changes taken into use by a municipality''s work (ibrugtaget lovændring)';
alter table law_uses enable row level security;
create policy scope on law_uses using (municipality_code = any ((select municipality_scope())::smallint[]));
create policy loader_reads on law_uses for select to {{loader}} using (true);

grant select on law_changes, law_tests, law_approvals, law_uses to {{reader}}, {{writer}}, {{loader}};
grant insert on law_changes, law_tests, law_approvals, law_uses to {{writer}}, {{loader}};
-- An account that a law change adds to the chart.
grant insert on accounts to {{writer}}, {{loader}};
