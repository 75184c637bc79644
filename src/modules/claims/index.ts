/**
 * Claims on citizens and companies: opened by a decision or a takeover, set off, paid by the debtor, turned when the
 * year ends.
 */
export {
  type ClaimMovement,
  type ClaimOwner,
  claimOwners,
  type ClaimPosition,
  claimsLeft,
  claimsOf,
  type DecidedBefore,
  decidedBefore,
  GIVEN_BACK_BY_STOP,
  knownClaimKeys,
  type NewClaim,
  recordClaimMovements,
  recordClaims,
  TECHNICAL_ERROR,
} from './claim.ts'
export {
  BALANCE_DIFFERS,
  type BookedPayment,
  bookedPayments,
  type ClaimPayment,
  claimsToPay,
  type ClaimToPay,
  recordClaimPayments,
} from './claim-payment.ts'
