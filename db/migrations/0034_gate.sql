-- What is looked at before money leaves, and who lets it go. A run is controlled when it is assembled: what was found is
-- kept with the figures that made it. What a finding stops, and how many persons approve, a municipality says by rules.
alter table payment_run_steps drop constraint payment_run_steps_step_check;
alter table payment_run_steps add constraint payment_run_steps_step_check
  check (step in ('planned', 'assembled', 'controlled', 'approved', 'released', 'sent'));

alter table local_rules drop constraint local_rules_kind_check, drop constraint local_rules_treatment_check,
  drop constraint local_rules_check1;
-- Of a gate rule: the check, and from what share of the ordinary it finds something; 0: none.
alter table local_rules add column gate_check text not null default '', add column percent int not null default 0;
alter table local_rules add constraint local_rules_kind_check check (kind in ('takeover', 'look_back',
    'set_off_minimum', 'small_amount', 'gate', 'release', 'two_approvers_over')),
  add constraint local_rules_treatment_check check (case kind
    when 'small_amount' then treatment in ('gather', 'suppress')
    when 'gate' then treatment in ('nothing', 'ask', 'block_line', 'block_run')
    when 'release' then treatment in ('automatic', 'one', 'two') else treatment = '' end),
  add constraint local_rules_gate_check check ((kind = 'gate') = (gate_check <> '')),
  add constraint local_rules_percent_check check (percent between 0 and case when kind = 'gate' then 100000 else 0 end);

-- A run without a row takes one approver.
create table run_policies (
  municipality_code smallint not null,
  run_no int not null,
  approvers smallint not null check (approvers between 0 and 2),
  -- Why: rules by the number of their file, and what makes it two.
  reasons text[] not null,
  -- Who made something of it by hand: none of them approves it.
  makers text[] not null,
  primary key (municipality_code, run_no)
);
comment on table run_policies is 'How many persons approve a payment run, and why (frigivelsespolitik)';

create table run_findings (
  municipality_code smallint not null,
  run_no int not null,
  finding_no int not null check (finding_no > 0),
  gate_check text not null,
  -- 0: the run.
  payment_id bigint not null check (payment_id = 0 or payment_id >> 24 = run_no),
  amount_ore bigint not null,
  effect text not null check (effect in ('nothing', 'ask', 'block_line', 'block_run')),
  -- The figures that made it, by our own keys.
  detail jsonb not null,
  primary key (municipality_code, run_no, finding_no),
  check (effect <> 'block_line' or payment_id > 0)
);
comment on table run_findings is 'What was found of a payment run before its approval (kontrolfund)';

create table run_finding_lifts (
  municipality_code smallint not null,
  run_no int not null,
  finding_no int not null,
  at timestamptz not null,
  by_actor text not null check (by_actor <> ''),
  reason text not null check (reason <> ''),
  primary key (municipality_code, run_no, finding_no)
);
comment on table run_finding_lifts is 'A person lets a run go on in spite of a finding that stops it (ophævet kontrolfund)';

-- Each person once; with the last that is needed the run takes the step approved.
create table run_approvals (
  municipality_code smallint not null,
  run_no int not null,
  nth smallint not null check (nth in (1, 2)),
  at timestamptz not null,
  by_actor text not null check (by_actor <> ''),
  amount_ore bigint not null,
  -- Digest of what the approver was shown: amounts, findings, holds.
  view_digest bytea not null check (octet_length(view_digest) = 32),
  primary key (municipality_code, run_no, nth),
  unique (municipality_code, run_no, by_actor)
);
comment on table run_approvals is 'A person approves a payment run as it was shown (godkendelse af udbetalingskørsel)';

-- Control sums of the benefits of an order file: as its sender says, and of the orders that were taken.
alter table intakes add column told_ore bigint, add column taken_ore bigint;

alter table run_policies enable row level security;
create policy scope on run_policies using (municipality_code = any ((select municipality_scope())::smallint[]));
create policy loader_reads on run_policies for select to {{loader}} using (true);
alter table run_findings enable row level security;
create policy scope on run_findings using (municipality_code = any ((select municipality_scope())::smallint[]));
create policy loader_reads on run_findings for select to {{loader}} using (true);
alter table run_finding_lifts enable row level security;
create policy scope on run_finding_lifts using (municipality_code = any ((select municipality_scope())::smallint[]));
create policy loader_reads on run_finding_lifts for select to {{loader}} using (true);
alter table run_approvals enable row level security;
create policy scope on run_approvals using (municipality_code = any ((select municipality_scope())::smallint[]));
create policy loader_reads on run_approvals for select to {{loader}} using (true);
grant select on run_policies, run_findings, run_finding_lifts, run_approvals to {{reader}}, {{writer}}, {{loader}};
grant insert on run_policies, run_findings, run_finding_lifts, run_approvals to {{writer}}, {{loader}};
