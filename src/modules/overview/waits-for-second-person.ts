/**
 * What one person has entered and another must approve before it counts: local rules, payees, what becomes of what was
 * overpaid or is never claimed, and law changes whose date is near. Until then the old applies, and nobody is told by
 * the payments.
 */

/** A law is for every municipality: it is asked about when its date is so near that the next payments are its. */
const LAW_IS_NEAR = '1 month'

const waiting = (what: string, from: string, columns: string) => `select ${columns}, 'second_person' as kind,
    null::smallint as source_system, 'kommune' as owner, ${what} ${from}`

const RULES = waiting(
  `null::bigint as amount_ore, i.known_at as since, jsonb_build_object('what', 'rules', 'number', l.intake_no,
      'by', i.actor, 'from', min(l.valid_from)) as detail`,
  `from local_rules l join intakes i on i.municipality_code = l.municipality_code and i.intake_no = l.intake_no
  where l.municipality_code = any ($1) and l.kind <> 'takeover' and not exists (select from local_rule_approvals a
    where a.municipality_code = l.municipality_code and a.intake_no = l.intake_no)
  group by l.municipality_code, l.intake_no, i.known_at, i.actor`,
  `l.municipality_code, 'rules ' || l.intake_no as subject`,
)

const PAYEES = waiting(
  `null::bigint as amount_ore, p.at as since, jsonb_build_object('what', 'payee', 'number', p.arrangement_no,
      'by', p.by_actor, 'from', p.valid_from) as detail`,
  `from payee_arrangements p
  where p.municipality_code = any ($1) and not exists (select from payee_arrangement_approvals a
      where a.municipality_code = p.municipality_code and a.arrangement_no = p.arrangement_no)
    and not exists (select from payee_arrangement_ends e where e.municipality_code = p.municipality_code
      and e.arrangement_no = p.arrangement_no)`,
  `p.municipality_code, 'payee ' || p.arrangement_no as subject`,
)

const OUTCOMES = waiting(
  `o.amount_ore, o.at as since, jsonb_build_object('what', 'outcome', 'number', o.proposal_no, 'by', o.by_actor) as detail`,
  `from outcome_proposals o
  where o.municipality_code = any ($1) and not exists (select from outcome_approvals a
    where a.municipality_code = o.municipality_code and a.proposal_no = o.proposal_no)`,
  `o.municipality_code, 'outcome ' || o.proposal_no as subject`,
)

const OUTSIDE_PAYMENTS = waiting(
  `o.amount_ore, o.at as since, jsonb_build_object('what', 'outside', 'number', o.outside_no, 'by', o.by_actor) as detail`,
  `from outside_payments o
  where o.municipality_code = any ($1) and not exists (select from outside_approvals a
      where a.municipality_code = o.municipality_code and a.outside_no = o.outside_no)
    and not exists (select from outside_ends e where e.municipality_code = o.municipality_code
      and e.outside_no = o.outside_no)`,
  `o.municipality_code, 'outside ' || o.outside_no as subject`,
)

const CLOSINGS = waiting(
  `c.amount_ore, c.at as since, jsonb_build_object('what', 'closing', 'number', c.closing_no, 'by', c.by_actor) as detail`,
  `from return_closings c
  where c.municipality_code = any ($1) and not exists (select from return_closing_approvals a
    where a.municipality_code = c.municipality_code and a.closing_no = c.closing_no)`,
  `c.municipality_code, 'closing ' || c.closing_no as subject`,
)

const LAWS = waiting(
  `null::bigint as amount_ore, c.known_at as since, jsonb_build_object('what', 'law', 'number', c.change_no,
      'by', c.by_actor, 'from', c.effective_from) as detail`,
  `from unnest($1::smallint[]) as m (code) cross join law_changes c
  where c.effective_from <= ($2::timestamptz + interval '${LAW_IS_NEAR}')::date
    and not exists (select from law_approvals a where a.change_no = c.change_no)`,
  `m.code as municipality_code, 'law ' || c.change_no as subject`,
)

/** One query each, as the other parts of what needs a person. */
export const WAITS_FOR_SECOND_PERSON: readonly string[] = [RULES, PAYEES, OUTCOMES, OUTSIDE_PAYMENTS, CLOSINGS, LAWS]
