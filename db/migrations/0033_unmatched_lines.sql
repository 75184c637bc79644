-- Bank lines that nothing matched are few, and are asked for by the payment that they name: whenever something is paid
-- again, and at the end of every month. Rows that were matched cost nothing here.
create index statement_entries_unmatched on statement_entries (municipality_code, payment_id) where match = 'unmatched';
