/** The extract for one citizen as JSON: snake_case, whole øre, citizens' numbers masked unless they may be seen. */
import type { PersonExtract } from '../modules/overview/index.ts'
import type { PartyRef } from '../modules/parties/index.ts'
import { municipalityText } from '../base/id.ts'
import { eventJson, orderJson } from './order-json.ts'
import { partyJson, specificationJson } from './web/index.ts'

/** `knownOn`: the day (YYYY-MM-DD) as of whose end it was asked; undefined: as it is now. */
export function personJson(person: PersonExtract, knownOn: string | undefined, unmasked: boolean) {
  const party = (ref: PartyRef) => partyJson(ref, unmasked)
  const { ledger } = person
  return {
    municipality: municipalityText(person.municipality),
    party: party(person.party),
    party_no: person.partyId,
    known_on: knownOn ?? null,
    ledger: {
      head: ledger.head,
      batches: ledger.batches,
      ok: ledger.firstBad === undefined,
      first_bad: ledger.firstBad ?? null,
    },
    orders: person.orders.map(({ status, lines, specifications }) => ({
      ...orderJson(status),
      lines,
      specifications: specifications.map((one) => specificationJson(one, unmasked)),
    })),
    payments: person.payments.map((one) => ({ ...one, payee: party(one.payee) })),
    claims: person.claims,
    claim_payments: person.claimPayments,
    overpaid: person.overpaid,
    told: person.told,
    events: person.events.map(eventJson),
    tax_cards: person.taxCards,
    party_events: person.partyEvents,
    payee_arrangements: person.arrangements.map((one) => ({ ...one, payee: party(one.payee) })),
    acts: person.acts,
    postings: person.postings,
  }
}
