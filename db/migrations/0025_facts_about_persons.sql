-- A death, a disappearance, a bankruptcy, a company that closes, or a tax card that comes late stops what is calculated
-- and not sent. What is stopped is taken back whole, and the same version of the order is there again to be calculated:
-- held, until a person says so, or at once with the new card. `again` numbers it within its version.
alter table orders add column again smallint not null default 0 check (again >= 0);
alter table orders drop constraint orders_municipality_code_source_system_order_key_version_key;
alter table orders add constraint orders_key unique (municipality_code, source_system, order_key, version, again);

-- A part that is taken out of its run before it is released; payment 0: it was in no run yet.
create table stopped_parts (
  municipality_code smallint not null,
  item_id bigint not null,
  part smallint not null,
  payment_id bigint not null,
  unit int not null,
  source_system smallint not null,
  benefit smallint not null,
  amount_ore bigint not null check (amount_ore > 0),
  -- Of the parts that together are a whole payment, one: the run has one payment less.
  empties boolean not null,
  cause text not null check (cause in ('death', 'missing', 'bankruptcy', 'closed', 'tax_card')),
  work_no int not null,
  primary key (municipality_code, item_id, part)
);
create index stopped_parts_of_payments on stopped_parts (municipality_code, payment_id);
comment on table stopped_parts is 'Item part stopped before it was sent (standset udbetaling)';
alter table stopped_parts enable row level security;
create policy scope on stopped_parts using (municipality_code = any ((select municipality_scope())::smallint[]));
create policy loader_reads on stopped_parts for select to {{loader}} using (true);
grant select on stopped_parts to {{reader}}, {{writer}}, {{loader}};
grant insert on stopped_parts to {{writer}}, {{loader}};

-- A third party's part that was stopped and is let go: due again, under a number that is 64 higher, on another day and
-- perhaps to another payee. The citizen's own part was paid, so it cannot be calculated again.
create table parts_again (
  municipality_code smallint not null,
  item_id bigint not null,
  part smallint not null check (part > 64),
  payee bigint not null,
  disposition_date date not null,
  work_no int not null,
  -- The last intake before: only what is told later stops it again.
  after_intake int not null,
  reason text not null check (reason <> ''),
  by_actor text not null,
  primary key (municipality_code, item_id, part)
);
comment on table parts_again is 'Third party''s part that is let go after it was stopped (frigivet del)';
alter table parts_again enable row level security;
create policy scope on parts_again using (municipality_code = any ((select municipality_scope())::smallint[]));
create policy loader_reads on parts_again for select to {{loader}} using (true);
grant select on parts_again to {{reader}}, {{writer}}, {{loader}};
grant insert on parts_again to {{writer}}, {{loader}};

-- What a register has taken back (restored) may be told again, and is then in force again.
alter table party_events drop constraint party_events_event_check, add check (event between 0 and 5);
alter table party_events drop constraint party_events_pkey,
  add primary key (municipality_code, party_id, event, date, intake_no);

-- The intake that told the event for which an order is held: what is told again is held again.
alter table order_holds add column event_intake int;
update order_holds h set event_intake = e.intake_no from orders o join party_events e
  on e.municipality_code = o.municipality_code and e.party_id in (o.beneficiary, o.payee) and e.event = 0
where h.kind = 'dead' and o.municipality_code = h.municipality_code and o.order_id = h.order_id;
alter table order_holds add check (event_intake is null or kind in ('dead', 'missing', 'bankrupt', 'closed'));

-- The kinds of hold that were there before, and those of a fact about a party.
do $$
declare
  said text;
begin
  select pg_get_constraintdef(oid) into said from pg_constraint
  where conrelid = 'order_holds'::regclass and conname = 'order_holds_kind_check';
  alter table order_holds drop constraint order_holds_kind_check;
  execute 'alter table order_holds add constraint order_holds_kind_check '
    || replace(said, '''manual''::text', '''manual''::text, ''missing''::text, ''bankrupt''::text, ''closed''::text');
end $$;

-- Of several cards that are valid on a day the one with the highest serial counts (eSkatløbenr.), whenever it was told;
-- 0 where none is told: then the one that was told last.
alter table tax_cards add column serial bigint not null default 0 check (serial >= 0);

-- What a person must look at: who should, since when, how much, and what became of it.
alter table work_items add column source_system smallint, add column amount_ore bigint, add column owner text not null,
  add column taken_by text, add column taken_at timestamptz, add column closing_reason text;
create index work_items_open on work_items (municipality_code, opened_at) where closed_at is null;
