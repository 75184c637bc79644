-- What becomes of what was overpaid: adjusted in coming payments (place 6), or claimed back as an error of our own.
alter table item_movements drop constraint item_movements_from_place_check;
alter table item_movements add constraint item_movements_from_place_check check (from_place between 0 and 6);
alter table item_movements drop constraint item_movements_to_place_check;
alter table item_movements add constraint item_movements_to_place_check check (to_place between 0 and 6);

-- What a version says of what it takes away: few do, so it stands beside the orders.
create table order_adjustments (
  municipality_code smallint not null,
  order_id bigint not null,
  instalments smallint not null check (instalments between 1 and 60),
  primary key (municipality_code, order_id)
);
comment on table order_adjustments is 'What an order takes away is adjusted in coming payments (regulering i kommende udbetalinger)';

-- How what is to be adjusted of a line is spread; the newest plan of a line counts.
create table adjustment_plans (
  municipality_code smallint not null,
  item_id bigint not null,
  line_at bigint not null,
  work_no int not null,
  person bigint not null,
  total_ore bigint not null check (total_ore > 0),
  instalments smallint not null check (instalments between 1 and 60),
  primary key (municipality_code, item_id, line_at, work_no)
);
comment on table adjustment_plans is 'Overpaid item spread over coming payments (afdragsplan for regulering)';
create index adjustment_plans_of_person on adjustment_plans (municipality_code, person);
do $$
declare
  one text;
begin
  foreach one in array array['order_adjustments', 'adjustment_plans'] loop
    execute format('alter table %I enable row level security', one);
    execute format('create policy scope on %I using (municipality_code = any ((select municipality_scope())::smallint[]))', one);
    execute format('create policy loader_reads on %I for select to {{loader}} using (true)', one);
    execute format('grant select on %I to {{reader}}, {{writer}}, {{loader}}', one);
    execute format('grant insert on %I to {{writer}}, {{loader}}', one);
  end loop;
end $$;

-- An error of our own needs no decision of an authority; what is to be adjusted can be decided anew.
alter table outcome_lots add column outcome text not null default 'not_repayable'
  check (outcome in ('not_repayable', 'adjust', 'technical_error'));
alter table outcome_lots add column instalments smallint check (instalments between 1 and 60);
alter table outcome_lots add column from_place smallint not null default 2 check (from_place in (2, 6));
alter table outcome_lots alter column decision_key drop not null;
alter table outcome_lots alter column decision_date drop not null;
alter table outcome_lots add check ((decision_key is null) = (outcome = 'technical_error'));
alter table outcome_lots add check ((decision_date is null) = (decision_key is null));
alter table outcome_lots add check ((instalments is null) = (outcome <> 'adjust'));
alter table outcome_lots drop constraint outcome_lots_pkey;
alter table outcome_lots add primary key (municipality_code, proposal_no, item_id, line_at, from_place);
