-- A payment that the rail said it had stopped, and that the bank booked all the same: the statement is final. The
-- payment is paid; its money stands among what is unmatched until what was made of the stop is known.
create table booked_after_stop (
  municipality_code smallint not null,
  payment_id bigint not null,
  -- The statement, and the line as the bank knows it.
  work_no int not null,
  account text not null,
  bank_ref text not null,
  amount_ore bigint not null check (amount_ore > 0),
  primary key (municipality_code, payment_id)
);
comment on table booked_after_stop is 'Payment that was stopped and is booked all the same (bogført standset betaling)';
-- Nothing later of it had left: the bank has made the last attempt at its parts (rows of outside_parts without a number).
create table booked_after_stop_taken (
  municipality_code smallint not null,
  payment_id bigint not null,
  work_no int not null,
  primary key (municipality_code, payment_id)
);
comment on table booked_after_stop_taken is 'What was made of a stop is undone, since the bank booked the payment (tilbageført standsning)';
do $$
declare
  one text;
begin
  foreach one in array array['booked_after_stop', 'booked_after_stop_taken'] loop
    execute format('alter table %I enable row level security', one);
    execute format('create policy scope on %I using (municipality_code = any ((select municipality_scope())::smallint[]))', one);
    execute format('create policy loader_reads on %I for select to {{loader}} using (true)', one);
    execute format('grant select on %I to {{reader}}, {{writer}}, {{loader}}', one);
    execute format('grant insert on %I to {{writer}}, {{loader}}', one);
  end loop;
end $$;
