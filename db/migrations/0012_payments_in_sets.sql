-- What is due is read from what was calculated instead of being stored again beside it: the calculation says whom it is
-- paid to, when, by which office and under which NemKonto ydelsesart.
alter table calculations add column payee bigint, add column disposition_date date, add column unit int,
  add column rail_kind text;
update calculations c set payee = o.payee, disposition_date = o.disposition_date,
  unit = coalesce((select p.unit from payables p where p.municipality_code = c.municipality_code
    and p.disposition_date = o.disposition_date and p.item_id = c.order_id * 64 + c.line_no and p.part = 0), 0),
  rail_kind = coalesce((select p.rail_kind from payables p where p.municipality_code = c.municipality_code
    and p.disposition_date = o.disposition_date and p.item_id = c.order_id * 64 + c.line_no and p.part = 0), '')
from orders o where o.municipality_code = c.municipality_code and o.order_id = c.order_id;
-- An item whose whole net goes to third parties: their office and ydelsesart are those of the item.
update calculations c set unit = p.unit, rail_kind = p.rail_kind from payables p
where c.unit = 0 and p.municipality_code = c.municipality_code and p.disposition_date = c.disposition_date
  and p.item_id = c.order_id * 64 + c.line_no;
alter table calculations alter column payee set not null, alter column disposition_date set not null,
  alter column unit set not null, alter column rail_kind set not null;
-- The beneficiary stands on the order.
alter table calculations drop column person;
-- Rows lie in the order of their work: a run, a report and an event batch each ask for a range of work numbers.
create index calculations_of_work on calculations using brin (municipality_code, work_no) with (pages_per_range = 16, autosummarize = on);

alter table deductions add column payee bigint;
update deductions d set payee = l.payee from order_lines l
where d.kind = 2 and l.municipality_code = d.municipality_code and l.order_id = d.item_id >> 6 and l.line_no = d.line_no;
alter table deductions add constraint deductions_payee_check check ((kind = 2) = (payee is not null));

drop table payables;
create view payables with (security_invoker = true) as
  select c.municipality_code, c.disposition_date, c.order_id * 64 + c.line_no as item_id, 0::smallint as part, c.payee,
    c.unit, c.rail_kind, c.source_system, c.benefit, c.net_ore as amount_ore, c.work_no
  from calculations c where c.net_ore > 0
  union all
  select d.municipality_code, c.disposition_date, d.item_id, d.line_no, d.payee, c.unit, c.rail_kind, c.source_system,
    c.benefit, d.amount_ore, c.work_no
  from deductions d join calculations c on c.municipality_code = d.municipality_code and c.order_id = d.item_id >> 6
    and c.line_no = (d.item_id & 63)::smallint
  where d.kind = 2;
comment on view payables is 'Due item part: part 0 is the payee''s net, otherwise the third-party line (forfalden ydelsespost)';
grant select on payables to {{reader}}, {{writer}}, {{loader}};

-- A payment is of one source system: so what a system is told of payments is counted without looking at their parts.
alter table payments add column source_system smallint;
update payments y set source_system = (select c.source_system from payment_parts x
  join calculations c on c.municipality_code = x.municipality_code and c.order_id = x.item_id >> 6
    and c.line_no = (x.item_id & 63)::smallint
  where x.municipality_code = y.municipality_code and x.payment_id = y.payment_id limit 1);
alter table payments alter column source_system set not null;
-- Parts are written run by run: the smallest and largest payment of a few pages is index enough.
create index payment_parts_of_payments on payment_parts using brin (municipality_code, payment_id)
  with (pages_per_range = 16, autosummarize = on);

-- A run takes what is due on its date of the batches behind this one, up to the last that it names already.
alter table payment_runs add column from_work_no int;
update payment_runs r set from_work_no = coalesce((select max(e.until_work_no) from payment_runs e
  where e.municipality_code = r.municipality_code and e.disposition_date = r.disposition_date and e.run_no < r.run_no), 0);
alter table payment_runs alter column from_work_no set not null;

-- What a run pays by paying unit, source system and benefit: what the ledger posts at release and settlement.
create table payment_sums (
  municipality_code smallint not null,
  run_no int not null,
  unit int not null,
  source_system smallint not null,
  benefit smallint not null,
  parts int not null check (parts > 0),
  amount_ore bigint not null check (amount_ore > 0),
  primary key (municipality_code, run_no, unit, source_system, benefit)
);
comment on table payment_sums is 'Sum of a run by paying unit, source system and benefit (udbetalingskørsel)';
insert into payment_sums
select x.municipality_code, (x.payment_id >> 24)::int, y.unit, p.source_system, p.benefit, count(*), sum(p.amount_ore)
from payment_parts x join payments y on y.municipality_code = x.municipality_code and y.payment_id = x.payment_id
join payables p on p.municipality_code = x.municipality_code and p.item_id = x.item_id and p.part = x.part
group by 1, 2, 3, 4, 5;

-- Answer 8 comes on nearly every payment: kept as ranges of the numbers of a run's payments, a row for each file.
create table accepted_payments (
  municipality_code smallint not null,
  work_no int not null,
  run_no int not null,
  -- Statens ventekonto took the money: final for us.
  waiting_account boolean not null,
  payments int not null check (payments > 0),
  numbers int4multirange not null,
  primary key (municipality_code, work_no, run_no, waiting_account)
);
comment on table accepted_payments is 'Payments that an answer file accepted, by number within their run (retursvar)';
create index accepted_payments_of_run on accepted_payments (municipality_code, run_no);
insert into accepted_payments
select municipality_code, work_no, (payment_id >> 24)::int, waiting_account, count(*),
  range_agg(int4range((payment_id & 16777215)::int, (payment_id & 16777215)::int + 1))
from payment_answers where answer = 8 group by 1, 2, 3, 4;
delete from payment_answers where answer = 8;
alter table payment_answers drop constraint payment_answers_answer_check,
  add constraint payment_answers_answer_check check (answer in (2, 7, 9)),
  drop column waiting_account;
comment on table payment_answers is 'Answer of the rail on a payment that it refused or returned (retursvar)';

alter table payment_sums enable row level security;
create policy scope on payment_sums using (municipality_code = any ((select municipality_scope())::smallint[]));
alter table accepted_payments enable row level security;
create policy scope on accepted_payments using (municipality_code = any ((select municipality_scope())::smallint[]));
grant select on payment_sums, accepted_payments to {{reader}}, {{writer}}, {{loader}};
grant insert on payment_sums, accepted_payments to {{writer}}, {{loader}};
