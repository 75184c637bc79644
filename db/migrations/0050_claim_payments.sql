-- What citizens themselves pay on their claims comes from the municipality's debtor system, which collects. It takes the
-- claim down; what goes beyond it is owed to the citizen, and is paid by an order of ours.
create table claim_payments (
  municipality_code smallint not null,
  claim_id bigint not null,
  -- Within the claim: the line of its movement, which names no item.
  payment_no smallint not null check (payment_no > 0),
  -- The debtor system's own.
  payment_key text not null check (payment_key <> ''),
  paid_on date not null,
  -- Below zero: the payment that it reverses bounced.
  amount_ore bigint not null,
  -- What the claim went down by, and what was beyond it.
  taken_ore bigint not null,
  surplus_ore bigint not null,
  reverses text,
  -- What is left after it, below zero when too much was paid: as the debtor system says (when it does), and here.
  their_left_ore bigint,
  our_left_ore bigint not null,
  -- The order that pays what was beyond the claim, or takes that back.
  order_key text,
  work_no int not null,
  primary key (municipality_code, claim_id, payment_no),
  unique (municipality_code, payment_key),
  unique (municipality_code, reverses),
  check (amount_ore = taken_ore + surplus_ore),
  check (case when reverses is null then amount_ore > 0 and taken_ore >= 0 and surplus_ore >= 0
    else amount_ore < 0 and taken_ore <= 0 and surplus_ore <= 0 end),
  check ((order_key is null) = (surplus_ore = 0))
);
comment on table claim_payments is 'What a debtor paid on a claim, as the debtor system says (indbetaling på fordring)';
create index claim_payments_of_work on claim_payments (municipality_code, work_no);
alter table claim_payments enable row level security;
create policy scope on claim_payments using (municipality_code = any ((select municipality_scope())::smallint[]));
create policy loader_reads on claim_payments for select to {{loader}} using (true);
grant select on claim_payments to {{reader}}, {{writer}}, {{loader}};
grant insert on claim_payments to {{writer}}, {{loader}};

-- Money received on a claim before tax, by the debtor or by a set-off: the citizen deducts it in the year in which it is
-- received, so the tax authority is told of it (ligningsloven § 8 O).
alter table claim_movements
  add column before_tax_ore bigint not null default 0,
  add column received_on date,
  add check (before_tax_ore between least(amount_ore, 0) and greatest(amount_ore, 0)),
  add check ((before_tax_ore <> 0) = (received_on is not null));
create index claim_movements_before_tax on claim_movements (municipality_code, item_id) where before_tax_ore <> 0;
