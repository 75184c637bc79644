export {
  type ClaimMovement,
  type ClaimOwner,
  claimOwners,
  type ClaimPosition,
  claimsLeft,
  claimsOf,
  type DecidedBefore,
  decidedBefore,
  knownClaimKeys,
  type NewClaim,
  recordClaimMovements,
  recordClaims,
} from './claim.ts'
