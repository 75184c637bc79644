create table claims (
  municipality_code smallint not null,
  claim_id bigint not null,
  claim_key text not null,
  source_system smallint not null,
  debtor bigint not null,
  benefit smallint not null,
  period_from date not null,
  period_to date not null check (period_to > period_from),
  amount_ore bigint not null check (amount_ore > 0),
  due_date date not null,
  cause text not null,
  -- The order that decided it; 0 for an opening claim.
  order_id bigint not null,
  primary key (municipality_code, claim_id),
  unique (municipality_code, claim_key)
);
comment on table claims is 'Claim (fordring)';

create table claim_movements (
  municipality_code smallint not null,
  claim_id bigint not null,
  item_id bigint not null,
  line_no smallint not null,
  -- What the claim went down by.
  amount_ore bigint not null check (amount_ore > 0),
  primary key (municipality_code, claim_id, item_id, line_no)
);
comment on table claim_movements is 'Set-off taken against a claim (modregning på fordring)';

alter table claims enable row level security;
create policy scope on claims using (municipality_code = any ((select municipality_scope())::smallint[]));
alter table claim_movements enable row level security;
create policy scope on claim_movements using (municipality_code = any ((select municipality_scope())::smallint[]));
grant select on claims, claim_movements to {{reader}}, {{writer}}, {{loader}};
grant insert on claims, claim_movements to {{writer}}, {{loader}};
