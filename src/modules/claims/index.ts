export {
  type ClaimMovement,
  type ClaimPosition,
  claimsOf,
  knownClaimKeys,
  type NewClaim,
  recordClaimMovements,
  recordClaims,
} from './claim.ts'
