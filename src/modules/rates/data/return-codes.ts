/**
 * Why payments come back, in plain Danish, and what to do about it. The codes are those of the external code sets of
 * ISO 20022 (ExternalReturnReason1Code, ExternalStatusReason1Code); NemKonto's own answers are in return-codes.ts.
 * Which codes a bank or NemKonto uses is not public for each: a code that is not here is told as it came.
 */
import type { ReturnCode } from '../return-codes.ts'
import { valid } from './forever.ts'

const ISO = 'ISO 20022 External Code Sets, ExternalReturnReason1Code and ExternalStatusReason1Code'
const always = valid('2000-01-01')

function row(code: string, step: ReturnCode['step'], cause: string): ReturnCode {
  return { code, step, cause, valid: always, source: ISO, assumed: false }
}

/** The causes are in our own words; the next step is ours. */
export const RETURN_CODES: readonly ReturnCode[] = [
  row('AB01', 'retry', 'Clearingen nåede det ikke i tide.'),
  row('AB02', 'retry', 'Clearingen blev afbrudt af en fejl.'),
  row('AB03', 'retry', 'Afregningen nåede det ikke i tide.'),
  row('AB04', 'retry', 'Afregningen blev afbrudt af en fejl.'),
  row('AB05', 'retry', 'Modtagerens bank svarede ikke i tide.'),
  row('AB06', 'retry', 'Banken, der skulle føre pengene videre, svarede ikke i tide.'),
  row('AB07', 'retry', 'En bank på vejen kunne ikke nås.'),
  row('AB08', 'retry', 'Modtagerens bank kunne ikke nås.'),
  row('AB09', 'retry', 'Der var en fejl hos modtagerens bank.'),
  row('AB10', 'retry', 'Der var en fejl hos banken, der skulle føre pengene videre.'),
  row('AB11', 'retry', 'Kommunens bank svarede ikke i tide.'),
  row('AC01', 'ask_account', 'Kontonummeret findes ikke.'),
  row('AC03', 'ask_account', 'Modtagerens kontonummer er ugyldigt.'),
  row('AC04', 'ask_account', 'Kontoen er lukket.'),
  row('AC06', 'ask_account', 'Kontoen er spærret.'),
  row('AG01', 'ask_account', 'Kontoen kan ikke modtage denne slags betaling.'),
  row('AG02', 'fix_data', 'Banken kan ikke behandle denne slags betaling.'),
  row('AM04', 'ask_bank', 'Der var ikke dækning på kommunens konto.'),
  row('AM05', 'ask_bank', 'Banken mener, at betalingen er sendt før.'),
  row('AM09', 'ask_bank', 'Banken siger, at beløbet er et andet end det, der er aftalt.'),
  row('AM10', 'fix_data', 'Summen i filen passer ikke med betalingerne.'),
  row('BE01', 'fix_data', 'Modtagerens navn passer ikke til kontoen.'),
  row('BE04', 'fix_data', 'Modtagerens adresse mangler.'),
  row('BE05', 'ask_bank', 'Banken kender ikke afsenderen.'),
  row('BE06', 'ask_account', 'Banken kender ikke modtageren.'),
  row('DT01', 'fix_data', 'Datoen er ugyldig.'),
  row('DT05', 'retry', 'Betalingen kom efter bankens frist.'),
  row('DU01', 'ask_bank', 'Banken mener, at filen er sendt før.'),
  row('DU02', 'ask_bank', 'Banken mener, at bundtet er sendt før.'),
  row('DU03', 'ask_bank', 'Banken mener, at betalingen er sendt før.'),
  row('DU04', 'ask_bank', 'Banken mener, at betalingens navn er brugt før.'),
  row('DU05', 'ask_bank', 'Banken mener, at betalingens navn er brugt før.'),
  row('ED05', 'retry', 'Afregningen mellem bankerne lykkedes ikke.'),
  row('FF01', 'fix_data', 'Filens form er forkert.'),
  row('MD07', 'estate', 'Modtageren er død.'),
  row('MS02', 'ask_payee', 'Modtageren har afvist betalingen.'),
  row('MS03', 'ask_bank', 'Banken har afvist betalingen uden at oplyse årsagen.'),
  row('NARR', 'ask_bank', 'Banken har oplyst årsagen i ord og ikke som kode.'),
  row('RC01', 'ask_account', 'Bankens registreringsnummer findes ikke.'),
  row('RR01', 'ask_bank', 'Banken skal kende afsenderens konto eller nummer.'),
  row('RR02', 'ask_bank', 'Banken skal kende afsenderens navn eller adresse.'),
  row('RR03', 'ask_bank', 'Banken skal kende modtagerens navn eller adresse.'),
  row('RR04', 'ask_bank', 'Myndighedskrav: banken skal kende mere om betalingen.'),
  row('TM01', 'retry', 'Filen kom efter bankens frist.'),
  row('TS01', 'retry', 'Overførslen af filen blev afbrudt.'),
  row('TS04', 'retry', 'Overførslen af filen blev ikke kvitteret.'),
  {
    code: 'FEJLKONTO',
    step: 'ask_account',
    cause: 'Modtageren har ingen konto. Pengene er sendt til kommunens egen fejlkonto.',
    valid: always,
    source: 'Our own: the bank statement of the error account that the municipality agreed with NemKonto',
    assumed: false,
  },
]
