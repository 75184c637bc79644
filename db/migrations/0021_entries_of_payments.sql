-- What the bank has booked of a payment is looked up by the payment: a municipality whose bank books one by one has as
-- many entries as payments, and each statement asks for its own alone.
create index statement_entries_of_payments on statement_entries (municipality_code, payment_id) where payment_id > 0;
