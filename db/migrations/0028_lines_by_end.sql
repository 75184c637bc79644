-- Lines of a right holder are looked for from a time on: possible double payments of a line, and what a person's cards
-- were used for in its months. By the end of their period, the years before need not be read.
drop index order_lines_right;
create index order_lines_right on order_lines (municipality_code, right_holder, period_to) where kind = 0;
