-- Of a company's refunds somebody else may have the right: by an assignment (transport) or an execution (udlæg), in the
-- order in which they were received. Of a dead person's money the estate has it.
alter table payee_arrangements
  add column kind text not null default 'payee' check (kind in ('payee', 'estate', 'transport', 'udlaeg')),
  add column received_on date,
  -- What the holder is owed in all; null: not said.
  add column claim_ore bigint check (claim_ore > 0),
  add check ((kind in ('transport', 'udlaeg')) = (received_on is not null)),
  add check (claim_ore is null or kind in ('transport', 'udlaeg'));
