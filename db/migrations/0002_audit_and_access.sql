-- Who did and saw what. Identity and wall clock are allowed here, and only here: nothing is derived from this table.
create table audit_log (
  municipality_code smallint not null,
  audit_no bigint generated always as identity,
  at timestamptz not null,
  actor text not null,
  command text not null,
  subject text not null,
  detail jsonb not null default '{}',
  primary key (municipality_code, audit_no)
);
comment on table audit_log is 'Audit row (kontrolspor)';
create trigger audit_log_appended before update or delete on audit_log for each row execute function refuse_change();
create trigger audit_log_kept before truncate on audit_log for each statement execute function refuse_change();

-- Bearer tokens: only their hash is kept.
create table access_tokens (
  token_hash bytea primary key,
  actor text not null,
  kind text not null check (kind in ('source_system', 'person', 'auditor')),
  source_system smallint,
  roles text[] not null default '{}',
  municipalities smallint[] not null,
  valid_from timestamptz not null,
  valid_to timestamptz
);
comment on table access_tokens is 'Access token (adgangsnøgle)';

-- What needs a person: opened and closed by what is found.
create table work_items (
  municipality_code smallint not null,
  kind text not null,
  subject text not null,
  opened_at timestamptz not null,
  detail jsonb not null,
  closed_at timestamptz,
  closed_by text,
  primary key (municipality_code, kind, subject)
);
comment on table work_items is 'Work item (opgave)';

-- An Idempotency-Key of a caller: the same key with another body or path is refused.
create table idempotency_keys (
  municipality_code smallint not null,
  actor text not null,
  key text not null,
  request_hash bytea not null,
  at timestamptz not null,
  primary key (municipality_code, actor, key)
);
comment on table idempotency_keys is 'Idempotency key (gentagelsesnøgle)';

alter table audit_log enable row level security;
create policy scope on audit_log using (municipality_code = any ((select municipality_scope())::smallint[]));
alter table work_items enable row level security;
create policy scope on work_items using (municipality_code = any ((select municipality_scope())::smallint[]));
alter table idempotency_keys enable row level security;
create policy scope on idempotency_keys using (municipality_code = any ((select municipality_scope())::smallint[]));

grant select on audit_log, work_items, access_tokens to {{reader}}, {{writer}}, {{loader}};
grant select, insert on idempotency_keys to {{writer}};
grant insert on audit_log to {{reader}}, {{writer}}, {{loader}};
grant insert, update on work_items to {{writer}}, {{loader}};
