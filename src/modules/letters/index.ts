export { causeToPayee } from './data/causes.ts'
export { LETTER_TEMPLATES } from './data/templates.ts'
export { type AccessibilityFault, digestOf, fillLetter, type Letter, type LetterBlock, templateOn } from './letter.ts'
export { lettersOf, nextLetterNo, recordLetter } from './store.ts'
