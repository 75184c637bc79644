-- What the reason of a hold names beside its kind: days, amounts, a line, a claim. People and source systems read one
-- sentence of kind and detail; `reason` is kept for what a person writes.
alter table order_holds add column detail jsonb check (jsonb_typeof(detail) = 'object');
