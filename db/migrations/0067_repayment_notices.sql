-- When the debtor of a repayment decision was heard (forvaltningsloven § 19) and told of it (§§ 22-24), where the source
-- system says so: few lines do, so it stands beside them. The line has the decision itself, and its legal basis.
create table repayment_notices (
  municipality_code smallint not null,
  order_id bigint not null,
  line_no smallint not null,
  hearing_date date,
  -- Nobody is told of a decision before being heard about it.
  notice_date date check (notice_date >= hearing_date),
  check (num_nonnulls(hearing_date, notice_date) > 0),
  primary key (municipality_code, order_id, line_no)
);
comment on table repayment_notices is 'Hearing and notice of a repayment decision (partshøring og meddelelse)';

alter table repayment_notices enable row level security;
create policy scope on repayment_notices using (municipality_code = any ((select municipality_scope())::smallint[]));
create policy loader_reads on repayment_notices for select to {{loader}} using (true);
grant select on repayment_notices to {{reader}}, {{writer}}, {{loader}};
grant insert on repayment_notices to {{writer}}, {{loader}};
