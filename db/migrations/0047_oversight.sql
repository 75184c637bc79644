-- Ledelsestilsyn: each month a sample of the payments is looked at by somebody who approved none of their runs. Which ones
-- follows from the municipality, the month and the head of the ledger's chain: nobody chooses them, and anybody can
-- draw them again.
create table oversight_samples (
  municipality_code smallint not null,
  -- The month's first day.
  month date not null check (extract(day from month) = 1),
  -- SHA-256 of what it is drawn by.
  seed bytea not null check (octet_length(seed) = 32),
  ledger_head bytea not null check (octet_length(ledger_head) = 32),
  -- Payments that could be drawn, and their sum.
  payments int not null check (payments > 0),
  amount_ore bigint not null,
  at timestamptz not null,
  by_actor text not null check (by_actor <> ''),
  primary key (municipality_code, month)
);
comment on table oversight_samples is 'Sample of a month''s payments for oversight (stikprøve til ledelsestilsyn)';

create table oversight_payments (
  municipality_code smallint not null,
  month date not null,
  payment_id bigint not null,
  primary key (municipality_code, month, payment_id),
  foreign key (municipality_code, month) references oversight_samples (municipality_code, month)
);
comment on table oversight_payments is 'Payment in a sample (udtrukket betaling)';

create table oversight_marks (
  municipality_code smallint not null,
  month date not null,
  payment_id bigint not null,
  verdict text not null check (verdict in ('ok', 'remark')),
  remark text not null check ((verdict = 'remark') = (remark <> '')),
  at timestamptz not null,
  by_actor text not null check (by_actor <> ''),
  -- Looked at once.
  primary key (municipality_code, month, payment_id),
  foreign key (municipality_code, month, payment_id)
    references oversight_payments (municipality_code, month, payment_id)
);
comment on table oversight_marks is 'What a person found of a payment in a sample (tilsynsmærke)';

create table oversight_signatures (
  municipality_code smallint not null,
  month date not null,
  remarks int not null,
  at timestamptz not null,
  by_actor text not null check (by_actor <> ''),
  primary key (municipality_code, month),
  foreign key (municipality_code, month) references oversight_samples (municipality_code, month)
);
comment on table oversight_signatures is 'Signature under a month''s oversight (underskrift på ledelsestilsyn)';

alter table oversight_samples enable row level security;
create policy scope on oversight_samples using (municipality_code = any ((select municipality_scope())::smallint[]));
create policy loader_reads on oversight_samples for select to {{loader}} using (true);
alter table oversight_payments enable row level security;
create policy scope on oversight_payments using (municipality_code = any ((select municipality_scope())::smallint[]));
create policy loader_reads on oversight_payments for select to {{loader}} using (true);
alter table oversight_marks enable row level security;
create policy scope on oversight_marks using (municipality_code = any ((select municipality_scope())::smallint[]));
create policy loader_reads on oversight_marks for select to {{loader}} using (true);
alter table oversight_signatures enable row level security;
create policy scope on oversight_signatures using (municipality_code = any ((select municipality_scope())::smallint[]));
create policy loader_reads on oversight_signatures for select to {{loader}} using (true);
grant select on oversight_samples, oversight_payments, oversight_marks, oversight_signatures to {{reader}}, {{writer}}, {{loader}};
grant insert on oversight_samples, oversight_payments, oversight_marks, oversight_signatures to {{writer}}, {{loader}};
