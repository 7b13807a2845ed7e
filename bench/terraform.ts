import { blueGreen } from '../src/strategies/blue-green.ts'
import { canary } from '../src/strategies/canary.ts'
import type { ImageBehaviour } from '../src/testing/world/index.ts'
import { byImago } from '../test/aws/beside/by-imago.ts'
import { byTerraform } from '../test/aws/beside/by-terraform.ts'
import { changes, type Measured } from '../test/aws/beside/measure.ts'
import { NEW, OLD } from '../test/aws/fleet.ts'
import { noTerraform } from '../test/witnesses/terraform.ts'
import { atLeast, plain, type Bench, type Figure, type Table } from './lib/bench.ts'

const SIZE = 6
const IMAGES = { good: { kind: 'good' }, broken: { kind: 'never-healthy' } } as const
const STRATEGIES = {
  'imago, blue/green': blueGreen({ bake: '1m' }),
  'imago, canary': canary({ weights: [5, 25, 50], bake: '1m' }),
}
/** Whether the configuration has `min_elb_capacity`. */
const CONFIGURATIONS = { 'terraform, min_elb_capacity': true, 'terraform, without it': false }
/** In the full form nothing hurries Terraform: its waits are its own. */
const SPEED = { full: 1, quick: 20 }

/** What was measured of one way to change one image. */
interface Row {
  readonly who: string
  readonly image: keyof typeof IMAGES
  readonly measured: Measured
  /** What it believes to be otherwise than applied. */
  readonly state: readonly string[]
}

/** The same change by imago and by `terraform apply` with create before destroy, on the wire server of AWS. */
export const bench: Bench = {
  name: 'terraform',
  how: `another image for ${SIZE} instances behind an ALB, all of which are needed, on the tests' server of AWS: boots of 40 s, every target drains for 300 s; a broken image never gets healthy. imago by blue/green and by a canary of 5, 25 and 50 %, bakes of 1 minute, on the world's clock, where calls take no time; terraform with create_before_destroy, with and without min_elb_capacity, the world in real time at its side, four applies at once. A time begins with the first change that is made; a quarter of an hour in all`,
  async run({ quick, skip, show }) {
    const rows = await allByImago()
    if (noTerraform === undefined) rows.push(...(await allByTerraform(quick ? SPEED.quick : SPEED.full)))
    else skip(`terraform: ${noTerraform}`)
    show(sideBySide(rows))
    show(callsByName(rows.filter((row) => row.image === 'good')))
    return rows.flatMap(figures)
  },
}

async function allByImago(): Promise<Row[]> {
  const rows: Row[] = []
  for (const [image, behaviour] of images())
    for (const [who, strategy] of Object.entries(STRATEGIES))
      rows.push({ who, image, measured: await byImago(SIZE, strategy, behaviour), state: [] })
  return rows
}

/** Side by side, for they wait most of the time. */
async function allByTerraform(speed: number): Promise<Row[]> {
  const applied = images().flatMap(([image, behaviour]) =>
    Object.entries(CONFIGURATIONS).map(async ([who, awaitsBalancer]): Promise<Row> => {
      const { site, state, ...measured } = await byTerraform({ size: SIZE, behaviour, speed, awaitsBalancer })
      await site.close()
      const wrong = state.filter(({ status }) => status !== 'as applied')
      return { who, image, measured, state: wrong.map(({ id, status }) => `${id} ${status}`) }
    }),
  )
  return await Promise.all(applied)
}

function images(): [keyof typeof IMAGES, ImageBehaviour][] {
  return Object.entries(IMAGES) as [keyof typeof IMAGES, ImageBehaviour][]
}

/** Only what imago does is promised. */
function figures({ who, image, measured }: Row): Figure[] {
  const [what, lowest] = [`${image}, ${who}`, 100 * measured.lowest]
  const least = `${what}: lowest capacity`
  return [who.startsWith('imago') ? atLeast(100, least, lowest, '%') : plain(least, lowest, '%'), ...costs(what, measured)]
}

function costs(what: string, { calls, tookMs, most, launched }: Measured): Figure[] {
  return [
    plain(`${what}: time`, tookMs / 1_000, 's'),
    plain(`${what}: calls`, sum(calls)),
    plain(`${what}: calls that change`, sum(calls, changes)),
    plain(`${what}: most instances`, most),
    plain(`${what}: launched`, launched),
  ]
}

function sideBySide(rows: readonly Row[]): Table {
  const head = [
    'image',
    'by',
    'time, s',
    'calls',
    'of them changes',
    'lowest capacity',
    'most instances',
    'launched',
    'ends',
    'leaves',
  ]
  return [
    head,
    ...rows.map(({ who, image, measured, state }) => {
      const { calls, tookMs, lowest, most, launched, outcome, left } = measured
      const numbers = [
        Math.round(tookMs / 1_000),
        sum(calls),
        sum(calls, changes),
        `${Math.round(100 * lowest)} %`,
        most,
        launched,
      ]
      return [image, who, ...numbers.map(String), outcome, named([...left, ...state].join('; '))]
    }),
  ]
}

/** Images by what they are here. */
function named(text: string): string {
  return text.replaceAll(OLD, 'old').replaceAll(NEW, 'new')
}

function callsByName(rows: readonly Row[]): Table {
  const names = [...new Set(rows.flatMap(({ measured }) => Object.keys(measured.calls)))].toSorted()
  return [
    ['call, good image', ...rows.map(({ who }) => who)],
    ...names.map((name) => [`\`${name}\``, ...rows.map(({ measured }) => String(measured.calls[name] ?? 0))]),
  ]
}

function sum(calls: Readonly<Record<string, number>>, counted: (call: string) => boolean = () => true): number {
  return Object.entries(calls).reduce((total, [call, count]) => (counted(call) ? total + count : total), 0)
}
