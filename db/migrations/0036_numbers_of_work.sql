-- A municipality with daily runs and daily statements had used 65,535 numbers of work within a few years. Planned work now
-- stays under 2^21; beyond it lie numbers for answers, by their run, and for statements, by their day, of which a run's own 31
-- could not hold more. Beyond 2^23 the number of an entry would be no safe whole number in the program.
alter table work_batches drop constraint work_batches_work_no_check,
  add constraint work_batches_work_no_check check (work_no between 1 and 8388607);
