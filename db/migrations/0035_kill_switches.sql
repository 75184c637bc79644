-- One person stops what a source system's orders pay, at once and with a reason; two persons let it go again.
create table kill_switches (
  municipality_code smallint not null,
  switch_no int not null check (switch_no > 0),
  source_system smallint not null check (source_system between 1 and 3),
  at timestamptz not null,
  by_actor text not null check (by_actor <> ''),
  reason text not null check (reason <> ''),
  primary key (municipality_code, switch_no)
);
comment on table kill_switches is 'Nothing of a source system is released (nødstop)';

-- Off with the second.
create table kill_switch_lifts (
  municipality_code smallint not null,
  switch_no int not null,
  nth smallint not null check (nth in (1, 2)),
  at timestamptz not null,
  by_actor text not null check (by_actor <> ''),
  reason text not null check (reason <> ''),
  primary key (municipality_code, switch_no, nth),
  unique (municipality_code, switch_no, by_actor)
);
comment on table kill_switch_lifts is 'A person wants a kill switch off; two do it (ophævet nødstop)';

-- Holds of lines that it made: they are let go with it.
create table kill_switch_holds (
  municipality_code smallint not null,
  work_no int not null,
  switch_no int not null,
  primary key (municipality_code, work_no)
);
comment on table kill_switch_holds is 'Lines that a kill switch holds, by the act that held them (tilbageholdt af nødstop)';

alter table kill_switches enable row level security;
create policy scope on kill_switches using (municipality_code = any ((select municipality_scope())::smallint[]));
create policy loader_reads on kill_switches for select to {{loader}} using (true);
alter table kill_switch_lifts enable row level security;
create policy scope on kill_switch_lifts using (municipality_code = any ((select municipality_scope())::smallint[]));
create policy loader_reads on kill_switch_lifts for select to {{loader}} using (true);
alter table kill_switch_holds enable row level security;
create policy scope on kill_switch_holds using (municipality_code = any ((select municipality_scope())::smallint[]));
create policy loader_reads on kill_switch_holds for select to {{loader}} using (true);
grant select on kill_switches, kill_switch_lifts, kill_switch_holds to {{reader}}, {{writer}}, {{loader}};
grant insert on kill_switches, kill_switch_lifts, kill_switch_holds to {{writer}}, {{loader}};
