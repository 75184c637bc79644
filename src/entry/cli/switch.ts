/** `toek switch`: nothing of a source system is paid, until two persons let it go again. @da nødstop */
import { type Municipality, municipalityText } from '../../base/id.ts'
import { recordAudit } from '../../modules/access/index.ts'
import { lockMunicipality, SOURCE_SYSTEM_ID, SOURCE_SYSTEMS, type SourceSystem } from '../../modules/orders/index.ts'
import { type KillSwitch, openSwitches } from '../../modules/payments/index.ts'
import { putSwitchOff, putSwitchOn } from '../line/kill-switch.ts'
import { switchText } from '../text/index.ts'
import { flag, lacks, optionsOf, text } from './options.ts'
import type { Verb } from './verbs.ts'
import { EXIT, municipalitiesOf, withDatabase } from './world.ts'

const HELP = `toek switch: the kill switches of source systems (nødstop)

  toek switch                the switches that are on
  toek switch on KY          nothing of KY is released from now on; what is released is finished
  toek switch off KY         let it be paid again: off when a second person has done it too

  --municipality 0751[,0101…]|all   of on and off it must be said; what is on is shown of all without it
  --reason TEXT              why
  --by NAME                  who acts; default the account that runs the program
  --json

Lines of the system are held in every run that is not released, and in later ones; the rest of each run goes. What was
held is due again when the switch is off: two bank days after the last payment that left, or on its own day.
Exit: 0 none is on, 3 one is on or waits for a second person, 4 refused.
`

export const switchVerb: Verb = {
  help: HELP,
  async run(world, args) {
    const { values, positionals } = optionsOf(args, { municipality: text, reason: text, by: text, json: flag })
    const [verb, name] = positionals
    const source = SOURCE_SYSTEM_ID[name as SourceSystem]
    if (verb !== undefined && (!['on', 'off'].includes(verb) || source === undefined))
      throw lacks(`Say on or off, and then one of ${SOURCE_SYSTEMS.join(', ')}.`, HELP)
    return await withDatabase(world, 'loader', 'switch', async (opened, connection) => {
      const act = { at: new Date(world.now()).toISOString(), by: values.by ?? world.user, reason: values.reason ?? '' }
      // To look at all of them is harmless; whose payments are stopped, or let go, somebody must say.
      const asked = values.municipality ?? (verb === undefined ? 'all' : undefined)
      const municipalities = municipalitiesOf(asked, opened.rates)
      const on: { municipality: Municipality; one: KillSwitch }[] = []
      await connection.transaction(municipalities, async (tx) => {
        for (const municipality of [...municipalities].sort((a, b) => a - b)) {
          if (verb !== undefined) {
            await lockMunicipality(tx, municipality)
            if (verb === 'on') await putSwitchOn(tx, municipality, source, act)
            else await putSwitchOff(tx, opened.rates, municipality, source, act)
            const command = `switch.${verb}`
            await recordAudit(tx, { municipality, at: act.at, actor: act.by, command, subject: name ?? '' })
          }
          on.push(...(await openSwitches(tx, municipality)).map((one) => ({ municipality, one })))
        }
      })
      world.out(values.json === true ? asJson(on) : asText(on))
      return on.length === 0 ? EXIT.done : EXIT.person
    })
  },
}

interface On {
  readonly municipality: Municipality
  readonly one: KillSwitch
}

function asJson(on: readonly On[]): string {
  const switches = on.map(({ municipality, one }) => ({
    municipality: municipalityText(municipality),
    source_system: SOURCE_SYSTEMS[one.source - 1],
    by: one.by,
    at: one.at,
    reason: one.reason,
    wanted_off_by: one.lifts.map((lift) => lift.by),
  }))
  return `${JSON.stringify({ switches })}\n`
}

function asText(on: readonly On[]): string {
  if (on.length === 0) return 'Intet nødstop er slået til.\n'
  return on.map(({ municipality, one }) => `${municipalityText(municipality)} ${switchText(one)}\n`).join('')
}
