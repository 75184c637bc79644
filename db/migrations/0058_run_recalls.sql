-- A whole run, or a bundle of it, is asked back in one act: its payments are in `recalls`, with the number of the act.
create table run_recalls (
  municipality_code smallint not null,
  run_no int not null,
  -- The paying unit of a bundle; 0: the whole run.
  unit int not null,
  work_no int not null,
  -- In one message, where the rail knows one for a whole file; else payment by payment.
  whole boolean not null,
  code text not null check (code in ('CUST', 'DUPL', 'AM09', 'TECH', 'FRAD')),
  at timestamptz not null,
  primary key (municipality_code, run_no, unit),
  unique (municipality_code, work_no)
);
comment on table run_recalls is 'Run that has left and is asked back (tilbagekaldt kørsel)';
alter table run_recalls enable row level security;
create policy scope on run_recalls using (municipality_code = any ((select municipality_scope())::smallint[]));
create policy loader_reads on run_recalls for select to {{loader}} using (true);
grant select on run_recalls to {{reader}}, {{writer}}, {{loader}};
grant insert on run_recalls to {{writer}}, {{loader}};
