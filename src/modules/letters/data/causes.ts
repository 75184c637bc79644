/**
 * Why money did not arrive, said to the one who should have had it. By the rail's answer or code; the sentences to the
 * municipality's own people stand with the return codes.
 */
const NO_NEM_KONTO = 'Du har ingen NemKonto.'
const WRONG_NUMBER = 'Kontonummeret er forkert.'

const CAUSES_TO_PAYEE: Readonly<Record<string, string>> = {
  '7': NO_NEM_KONTO,
  FEJLKONTO: NO_NEM_KONTO,
  AC01: WRONG_NUMBER,
  AC03: WRONG_NUMBER,
  AC04: 'Din konto er lukket.',
  AC06: 'Din konto er spærret.',
  AG01: 'Din konto kan ikke modtage betalingen.',
  BE06: 'Banken kender dig ikke på kontoen.',
  RC01: 'Bankens registreringsnummer findes ikke.',
}

/** `answer` is the rail's; of a return by the bank (9) its code says why. */
export function causeToPayee(answer: number, code: string): string {
  return CAUSES_TO_PAYEE[answer === 9 ? code : String(answer)] ?? 'Banken kunne ikke sætte pengene ind på din konto.'
}
