-- A decision that takes the place of another one: paid to the wrong person, under the wrong case. Each version says it
-- of itself; a version that leaves it out takes nobody's place. Both keys are of one source system and municipality,
-- and no person is named.
create table order_references (
  municipality_code smallint not null,
  source_system smallint not null,
  order_key text not null,
  version int not null,
  instead_of text not null check (instead_of <> order_key),
  primary key (municipality_code, source_system, order_key, version)
);
comment on table order_references is 'Version of an order that takes the place of another order (ordrehenvisning)';
create index order_references_by_other on order_references (municipality_code, source_system, instead_of);

alter table order_references enable row level security;
create policy scope on order_references using (municipality_code = any ((select municipality_scope())::smallint[]));
create policy loader_reads on order_references for select to {{loader}} using (true);
grant select on order_references to {{reader}}, {{writer}}, {{loader}};
grant insert on order_references to {{writer}}, {{loader}};
