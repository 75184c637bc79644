-- Who may do what. Role names carry the database's name; none is a superuser.
--   owner   migrations; no login
--   reader  pages, API, exports; row-level security by municipality
--   writer  single commands; row-level security by municipality
--   loader  the bulk line; bypasses row-level security because COPY FROM is refused under it; inserts and selects only
grant usage on schema public to {{reader}}, {{writer}}, {{loader}};

-- National facts about this database itself, for example the mode it was created in.
create table settings (
  key text primary key,
  value text not null
);
comment on table settings is 'Setting of this database (indstilling)';
grant select on settings to {{reader}}, {{writer}}, {{loader}};

-- The municipalities that the session may see: set local toek.municipalities = '{751,101}'.
-- Policies wrap the call in a sub-select, so that it is evaluated once and not for every row.
create function municipality_scope() returns smallint[]
  language sql stable parallel safe
  return coalesce(nullif(current_setting('toek.municipalities', true), ''), '{}')::smallint[];

-- Ledger and other facts are appended: whoever tries to change one is told so, owner included.
create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'Rows of % are never changed or removed; append a correction instead', tg_table_name
    using errcode = 'insufficient_privilege';
end $$;
