export { causeToPayee } from './data/causes.ts'
export { LETTER_TEMPLATES } from './data/templates.ts'
export {
  type AccessibilityFault,
  digestOf,
  fillLetter,
  type Letter,
  type LetterBlock,
  type LetterData,
  type LetterTemplate,
  templateOn,
} from './letter.ts'
export { lettersOf, nextLetterNo, recordLetter, type RecordedLetter } from './store.ts'
