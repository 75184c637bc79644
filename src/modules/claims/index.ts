export {
  type ClaimMovement,
  type ClaimPosition,
  claimsLeft,
  claimsOf,
  type DecidedBefore,
  decidedBefore,
  knownClaimKeys,
  type NewClaim,
  recordClaimMovements,
  recordClaims,
  TECHNICAL_ERROR,
} from './claim.ts'
