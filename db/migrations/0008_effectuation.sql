-- One item, calculated: the row from which every explanation, report and specification is derived.
create table calculations (
  municipality_code smallint not null,
  order_id bigint not null,
  line_no smallint not null,
  work_no int not null,
  person bigint not null,
  source_system smallint not null,
  benefit smallint not null,
  gross_ore bigint not null check (gross_ore >= 0),
  own_atp_ore bigint not null check (own_atp_ore >= 0),
  am_ore bigint not null check (am_ore >= 0),
  tax_ore bigint not null check (tax_ore >= 0),
  set_off_ore bigint not null check (set_off_ore >= 0),
  third_party_ore bigint not null check (third_party_ore >= 0),
  net_ore bigint not null check (net_ore >= 0),
  employer_atp_ore bigint not null check (employer_atp_ore >= 0),
  pension_ore bigint not null check (pension_ore >= 0),
  tax_base_ore bigint not null,
  allowance_used_ore bigint not null,
  frikort_used_ore bigint not null,
  tax_rate_millionths int not null,
  card smallint not null,
  card_no smallint not null,
  se int not null,
  tax_method smallint not null,
  primary key (municipality_code, order_id, line_no),
  check (gross_ore = own_atp_ore + am_ore + tax_ore + set_off_ore + third_party_ore + net_ore)
);
comment on table calculations is 'Calculation gross to net of one item (beregning)';

create table deductions (
  municipality_code smallint not null,
  item_id bigint not null,
  line_no smallint not null,
  kind smallint not null check (kind in (1, 2)),
  amount_ore bigint not null check (amount_ore > 0),
  primary key (municipality_code, item_id, line_no)
);
comment on table deductions is 'Set-off or third-party amount taken of an item (fradragslinje)';

create table untaken_deductions (
  municipality_code smallint not null,
  order_id bigint not null,
  line_no smallint not null,
  amount_ore bigint not null check (amount_ore > 0),
  reason text not null,
  primary key (municipality_code, order_id, line_no)
);
comment on table untaken_deductions is 'Deduction that could not be taken, and why (ikke gennemført modregning)';

alter table calculations enable row level security;
create policy scope on calculations using (municipality_code = any ((select municipality_scope())::smallint[]));
alter table deductions enable row level security;
create policy scope on deductions using (municipality_code = any ((select municipality_scope())::smallint[]));
alter table untaken_deductions enable row level security;
create policy scope on untaken_deductions using (municipality_code = any ((select municipality_scope())::smallint[]));
grant select on calculations, deductions, untaken_deductions to {{reader}}, {{writer}}, {{loader}};
grant insert on calculations, deductions, untaken_deductions to {{writer}}, {{loader}};
