-- Two lanes write runs of several municipalities at once, so a few pages hold parts of municipalities whose codes are far
-- apart: the smallest and the largest say nothing, and each month that came made reading a run slower. A set of values for
-- each few pages says which municipalities are there.
drop index payment_parts_of_payments;
create index payment_parts_of_payments on payment_parts
  using brin (municipality_code int2_minmax_multi_ops, payment_id int8_minmax_multi_ops)
  with (pages_per_range = 16, autosummarize = on);
