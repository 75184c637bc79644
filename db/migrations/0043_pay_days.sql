-- An order that is paid on another day than it says: at once, in a run of its own, as its source or a person asks; or
-- with the next ordinary run. Decided when it is planned, so that what is killed and resumed pays on the same day.
create table pay_days (
  municipality_code smallint not null,
  -- The work that calculates it, or that takes it out of a run; what it makes due is paid so.
  work_no int not null,
  order_id bigint not null,
  kind text not null check (kind in ('at_once', 'with_next_ordinary', 'acute')),
  pay_on date not null,
  -- Of what a person asks.
  reason text not null default '' check ((reason <> '') = (kind = 'acute')),
  at timestamptz not null,
  by_actor text not null check (by_actor <> ''),
  primary key (municipality_code, work_no, order_id)
);
comment on table pay_days is 'Order that is paid on another day than it says (akut udbetaling)';
alter table pay_days enable row level security;
create policy scope on pay_days using (municipality_code = any ((select municipality_scope())::smallint[]));
create policy loader_reads on pay_days for select to {{loader}} using (true);
grant select on pay_days to {{reader}}, {{writer}}, {{loader}};
grant insert on pay_days to {{writer}}, {{loader}};

-- What is paid at once never lies in a run with anything else. The source's own of a day share one; a person's has its own.
alter table payment_runs add column purpose text not null default 'ordinary'
  check (purpose in ('ordinary', 'at_once', 'acute'));
