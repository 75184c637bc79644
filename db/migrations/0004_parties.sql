-- The only place of a CPR: everything else knows a party by its opaque number.
create table parties (
  municipality_code smallint not null,
  party_id bigint not null,
  type smallint not null check (type between 0 and 3),
  identifier text not null check (length(identifier) between 8 and 10),
  primary key (municipality_code, party_id),
  unique (municipality_code, identifier, type)
);
comment on table parties is 'Party: citizen or company (part)';

create table tax_cards (
  municipality_code smallint not null,
  party_id bigint not null,
  se int not null,
  card_no smallint not null,
  kind smallint not null check (kind between 0 and 3),
  rate_millionths int not null check (rate_millionths between 0 and 1000000),
  allowance_month_ore bigint not null check (allowance_month_ore >= 0),
  allowance_week_ore bigint not null check (allowance_week_ore >= 0),
  allowance_day_ore bigint not null check (allowance_day_ore >= 0),
  frikort_left_ore bigint not null check (frikort_left_ore >= 0),
  valid_from date not null,
  valid_to date not null check (valid_to > valid_from),
  intake_no int not null,
  primary key (municipality_code, party_id, se, card_no)
);
comment on table tax_cards is 'Tax card of a withholding SE number and a person (skattekort)';

create table party_events (
  municipality_code smallint not null,
  party_id bigint not null,
  event smallint not null check (event between 0 and 4),
  date date not null,
  intake_no int not null,
  primary key (municipality_code, party_id, event, date)
);
comment on table party_events is 'Death, disappearance, protection, bankruptcy, closing (partshændelse)';

alter table parties enable row level security;
create policy scope on parties using (municipality_code = any ((select municipality_scope())::smallint[]));
alter table tax_cards enable row level security;
create policy scope on tax_cards using (municipality_code = any ((select municipality_scope())::smallint[]));
alter table party_events enable row level security;
create policy scope on party_events using (municipality_code = any ((select municipality_scope())::smallint[]));
grant select on parties, tax_cards, party_events to {{reader}}, {{writer}}, {{loader}};
grant insert on parties, tax_cards, party_events to {{writer}}, {{loader}};
