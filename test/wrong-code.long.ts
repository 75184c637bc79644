import { wrongCode } from './support/wrong-code.ts'

// As many as were paid by a wrong code once: 110 million kroner.
wrongCode(8_500)
