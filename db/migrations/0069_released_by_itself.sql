-- What lets a hold go by itself follows from its kind, as what made the hold does: people and source systems read a
-- sentence of the kind. `reason` is kept for what a person writes.
alter table order_hold_releases drop constraint order_hold_releases_reason_check;
alter table order_hold_releases
  add constraint order_hold_releases_reason_check check (reason <> '' or by_actor = 'toek');
