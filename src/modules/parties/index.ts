/** Citizens and companies as opaque numbers, what registers say of them, and whom they have their money paid to. */
export {
  approveArrangement,
  type Arrangement,
  arrangementFor,
  endArrangement,
  enterArrangement,
  type NewArrangement,
  type PersonsAct,
  readArrangements,
  ARRANGEMENT_KINDS,
  type ArrangementKind,
  isOfHolder,
} from './arrangements.ts'
export { type CprProblem, cprPassesMod11, cprProblem, cvrIsValid, pNumberIsValid, seIsValid } from './identifiers.ts'
export {
  CARD_KINDS,
  type CardKind,
  type FactRecord,
  FOREVER,
  PARTY_EVENT_KINDS,
  PARTY_TYPES,
  type StoppingEvent,
  type PartyRef,
  type PartyType,
  type TaxCard,
} from './party.ts'
export { type KnownParties, openPartyBook, type PartyBook, readParties } from './party-book.ts'
export { readCards } from './read-cards.ts'
export { IN_FORCE, RESTORED, restoredParties, STOPPING_CODES, stoppingEvents } from './stopping-events.ts'
export { openFactWriter } from './record-facts.ts'
