-- Time of payment runs, by a municipality's own rules: days on which it pays nothing out, when a rail must have the file,
-- what becomes of a run that still waits then, and whose it is before that. The kinds that there are stay.
do $$
declare
  known text;
begin
  select pg_get_constraintdef(oid) into known from pg_constraint
  where conrelid = 'local_rules'::regclass and conname = 'local_rules_kind_check';
  execute 'alter table local_rules drop constraint local_rules_kind_check';
  execute format('alter table local_rules add constraint local_rules_kind_check %s', replace(known, 'ARRAY[',
    'ARRAY[''closing_day''::text, ''cut_off''::text, ''at_cut_off''::text, ''escalation''::text, '));
  select pg_get_constraintdef(oid) into known from pg_constraint
  where conrelid = 'local_rules'::regclass and conname = 'local_rules_treatment_check';
  execute 'alter table local_rules drop constraint local_rules_treatment_check';
  execute format('alter table local_rules add constraint local_rules_treatment_check %s', regexp_replace(known, '\mELSE\M',
    'WHEN ''at_cut_off''::text THEN (treatment = ANY (ARRAY[''wait''::text, ''next_bank_day''::text, ''when_clean''::text])) ELSE'));
  select pg_get_constraintdef(oid) into known from pg_constraint
  where conrelid = 'stopped_parts'::regclass and conname = 'stopped_parts_cause_check';
  execute 'alter table stopped_parts drop constraint stopped_parts_cause_check';
  execute format('alter table stopped_parts add constraint stopped_parts_cause_check %s',
    replace(known, 'ARRAY[', 'ARRAY[''cut_off''::text, '));
end $$;
alter table local_rules drop constraint local_rules_rail_check,
  add constraint local_rules_rail_check check ((kind in ('rail', 'cut_off')) = (rail <> '') and (kind = 'rail') = (unit <> '')),
  -- Of a cut-off: bank days before the disposition date, and a Danish clock time.
  add column bank_days int not null default 0
    check (bank_days between 0 and case when kind = 'cut_off' then 20 else 0 end),
  add column clock text not null default ''
    check (case when kind = 'cut_off' then clock ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$' else clock = '' end),
  -- Hours before a cut-off.
  add column hours int not null default 0
    check (hours between 0 and case when kind in ('at_cut_off', 'escalation') then 720 else 0 end),
  add column owner text not null default '' check ((kind = 'escalation') = (owner <> ''));
