-- What a municipality decides for itself changes what citizens are paid: a file of rules is told by one person and counts
-- when another has approved it. A takeover counts at once: it holds orders, and lets nothing go.
create table local_rule_approvals (
  municipality_code smallint not null,
  intake_no int not null,
  at timestamptz not null,
  told_by text not null,
  by_actor text not null check (by_actor <> '' and by_actor <> told_by),
  primary key (municipality_code, intake_no)
);
comment on table local_rule_approvals is 'Approval of told local rules by a second person (godkendt lokal regel)';
alter table local_rule_approvals enable row level security;
create policy scope on local_rule_approvals using (municipality_code = any ((select municipality_scope())::smallint[]));
create policy loader_reads on local_rule_approvals for select to {{loader}} using (true);
grant select on local_rule_approvals to {{reader}}, {{writer}}, {{loader}};
grant insert on local_rule_approvals to {{writer}}, {{loader}};

-- What was told before a second person was asked counts as it did.
insert into local_rule_approvals
select distinct r.municipality_code, r.intake_no, i.known_at, i.actor, 'before 0031'
from local_rules r join intakes i on i.municipality_code = r.municipality_code and i.intake_no = r.intake_no
where r.kind <> 'takeover';
