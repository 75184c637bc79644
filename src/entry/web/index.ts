export type { ClosingAccount, ClosingTable } from './closing.ts'
export { explainText } from './explain-text.ts'
export {
  AGE,
  type Annex,
  type AnnexRule,
  annexText,
  arrangementText,
  askedAccountText,
  closingText,
  dayJson,
  dayText,
  findingJson,
  findingText,
  GATE_CHECK_TEXT,
  GATE_EFFECT_TEXT,
  liftedText,
  newPayeeText,
  openReturnText,
  oversightJson,
  oversightText,
  paidAgainText,
  partyText,
  periodText,
  policyText,
  stateRefundText,
  stoppedText,
  switchText,
  toldField,
  tooLateText,
  TREATMENT_TEXT,
  unclaimedText,
} from '../text/index.ts'
export { paths } from './paths.ts'
export { openReader, type Reader } from './reader.ts'
export { type PageDeps, registerPages, wrongAddressPages } from './routes.ts'
export { demoSession, type Session } from './session.ts'
export { lookedAt, partyJson, specificationJson } from './specification-json.ts'
