import { wrongCode } from './support/wrong-code.ts'

wrongCode(60)
