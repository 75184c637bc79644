-- What was told to whom: recorded before it is sent, with its hash, its totals and the head of the ledger.
create table deliveries (
  municipality_code smallint not null,
  delivery_no int not null,
  kind text not null check (kind in ('nemkonto', 'eindkomst', 'g69', 'ydelsesrefusion', 'ydelsesindeks')),
  -- Unique within its kind: a run, or a month and number.
  cause text not null,
  file_name text not null,
  sha256 bytea not null,
  bytes bigint not null,
  totals jsonb not null,
  ledger_head bytea not null,
  known_at timestamptz not null,
  primary key (municipality_code, delivery_no),
  unique (municipality_code, kind, cause)
);
comment on table deliveries is 'Delivery to somebody else (leverance)';

create table delivery_batches (
  municipality_code smallint not null,
  kind text not null,
  work_no int not null,
  delivery_no int not null,
  primary key (municipality_code, kind, work_no)
);
comment on table delivery_batches is 'Which calculated batches a delivery tells of (leverancens arbejdspartier)';

create table deliveries_sent (
  municipality_code smallint not null,
  delivery_no int not null,
  at timestamptz not null,
  primary key (municipality_code, delivery_no)
);
comment on table deliveries_sent is 'Delivery that lies in the outgoing folder (afsendt leverance)';

-- Events to the source systems are derived from facts; a row here says which facts, and which event numbers they got.
create table event_batches (
  municipality_code smallint not null,
  source_system smallint not null,
  -- The first event number of the batch within its source system.
  first_no bigint not null,
  events int not null check (events > 0),
  kind text not null,
  -- What to expand: an intake, a calculate batch, a run, a received file, a delivery, or one hold.
  ref bigint not null,
  known_at timestamptz not null,
  primary key (municipality_code, source_system, first_no)
);
comment on table event_batches is 'Events back to a source system (hændelser til fagsystem)';
create index event_batches_order on event_batches (source_system, first_no);

alter table deliveries enable row level security;
create policy scope on deliveries using (municipality_code = any ((select municipality_scope())::smallint[]));
alter table delivery_batches enable row level security;
create policy scope on delivery_batches using (municipality_code = any ((select municipality_scope())::smallint[]));
alter table deliveries_sent enable row level security;
create policy scope on deliveries_sent using (municipality_code = any ((select municipality_scope())::smallint[]));
alter table event_batches enable row level security;
create policy scope on event_batches using (municipality_code = any ((select municipality_scope())::smallint[]));
grant select on deliveries, delivery_batches, deliveries_sent, event_batches to {{reader}}, {{writer}}, {{loader}};
grant insert on deliveries, delivery_batches, deliveries_sent, event_batches to {{writer}}, {{loader}};
