-- A payment that has left is asked back: of NemKonto by its stop, of a bank by recall. A payment is asked back once.
create table recalls (
  municipality_code smallint not null,
  payment_id bigint not null,
  -- The person's act.
  work_no int not null,
  -- ISO 20022, ExternalCancellationReason1Code.
  code text not null check (code in ('CUST', 'DUPL', 'AM09', 'TECH', 'FRAD')),
  reason text not null check (reason <> ''),
  at timestamptz not null,
  by_actor text not null check (by_actor <> ''),
  primary key (municipality_code, payment_id)
);
comment on table recalls is 'Payment that has left and is asked back (tilbagekaldt betaling)';

-- What the rail says to it. It moves no money: a payment that did not leave is refused (payment_answers), one that comes
-- back is on the bank's statement.
create table recall_answers (
  municipality_code smallint not null,
  payment_id bigint not null,
  outcome text not null check (outcome in ('cancelled', 'refused', 'pending')),
  -- The file that says so.
  work_no int not null,
  reason text not null,
  primary key (municipality_code, payment_id, outcome),
  foreign key (municipality_code, payment_id) references recalls (municipality_code, payment_id)
);
comment on table recall_answers is 'Answer to a recall (svar på en tilbagekaldelse)';

alter table recalls enable row level security;
create policy scope on recalls using (municipality_code = any ((select municipality_scope())::smallint[]));
create policy loader_reads on recalls for select to {{loader}} using (true);
alter table recall_answers enable row level security;
create policy scope on recall_answers using (municipality_code = any ((select municipality_scope())::smallint[]));
create policy loader_reads on recall_answers for select to {{loader}} using (true);
grant select on recalls, recall_answers to {{reader}}, {{writer}}, {{loader}};
grant insert on recalls, recall_answers to {{writer}}, {{loader}};
