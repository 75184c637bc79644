-- National reference rows: dated, with their source. One generic shape: the rules read them whole, as a rate book.
-- kind is the table of the rate book; row_key is unique within it; body is the row as the code knows it.
create table reference_rows (
  kind text not null,
  row_key text not null,
  body jsonb not null,
  source text not null,
  assumed boolean not null,
  known_at timestamptz not null,
  primary key (kind, row_key)
);
comment on table reference_rows is 'Dated reference row: rates, benefits, accounts, units (satser og konteringsregler)';
grant select on reference_rows to {{reader}}, {{writer}}, {{loader}};

-- Names for the small numbers that the heavy tables carry; kept in step with reference_rows by the migration program.
create table source_systems (source_system smallint primary key, key text not null unique);
comment on table source_systems is 'Source system (fagsystem)';
insert into source_systems values (0, 'TOEK'), (1, 'KY'), (2, 'KSD'), (3, 'KP'), (9, 'FAKTA');
create table benefits (benefit smallint primary key, key text not null unique, name_da text not null);
comment on table benefits is 'Benefit (ydelse)';
create table accounts (
  account int primary key,
  key text not null unique,
  number text not null,
  name_da text not null,
  clearing boolean not null,
  purpose text,
  source_system text
);
comment on table accounts is 'Account (konto)';
create table municipalities (municipality_code smallint primary key, name text not null);
comment on table municipalities is 'Municipality (kommune)';
grant select on source_systems, benefits, accounts, municipalities to {{reader}}, {{writer}}, {{loader}};
