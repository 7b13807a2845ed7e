import { expect, test } from 'vitest'
import { share } from '../kit/share.ts'
import { begin, capacityOf, driven, JOBS, leftOf, wantedOf, type Alarmed } from './alarms.ts'
import { NEW } from './fleet.ts'
import { staying } from './rolling.ts'
import { testTheWire } from './site.ts'
import type { GroupRecord } from './wire/account.ts'

const SIZE = 6
const BOOT_MS = 40_000
/** What an alarm asks for once demand has fallen. */
const FALLEN = 2

test.for(share(Object.entries(JOBS), 3))(
  '%s: demand falls to a third as it begins, and an alarm takes no candidate at any time',
  async ([, job]) => {
    const alarmed = await begin(job, SIZE, BOOT_MS)
    const { site, imago, rollout } = alarmed
    const held = whileHeld(alarmed)
    const [taken, capacities]: [string[], number[]] = [[], []]
    const speak = async () => {
      if (held()) taken.push(...(await scaledTo(alarmed, (group) => wantedOf(site, group, FALLEN))))
    }
    await driven(alarmed, { everyMs: 1_000, speak }, () => capacities.push(capacityOf(site)))
    expect(rollout.state.outcome).toBe('promoted')
    expect(taken).toEqual([])
    expect(Math.min(...capacities)).toBeGreaterThanOrEqual(SIZE - 1e-9)
    // What was lent is nobody's demand: it was given back, and from there the alarm goes on.
    expect(staying(site).map((one) => one.image)).toEqual(Array.from({ length: SIZE }, () => NEW))
    await scaledTo(alarmed, (group) => wantedOf(site, group, FALLEN))
    expect(staying(site)).toHaveLength(FALLEN)
    expect(leftOf(alarmed, job)).toEqual([])
    await imago.close()
  },
)

testTheWire()

/** Whether scale-in is still to be held: until the rollout itself lets go of it, once nothing is a candidate any more. */
function whileHeld({ rollout }: Alarmed): () => boolean {
  let held = true
  rollout.on('command.intended', ({ command }) => {
    if (command.kind === 'release' && command.hold === 'scale-in') held = false
  })
  return () => held
}

/** An alarm has each group have another size. @returns who of the new release was chosen for that. */
async function scaledTo({ site }: Alarmed, size: (group: GroupRecord) => number): Promise<string[]> {
  const before = staying(site).filter((one) => one.image === NEW)
  for (const group of site.account.groups.values()) {
    const DesiredCapacity = size(group)
    if (group.targetGroups.size > 0 && DesiredCapacity !== group.desired && !group.deleting)
      await site.owner.autoScaling.setDesiredCapacity({ AutoScalingGroupName: group.name, DesiredCapacity })
  }
  const after = new Set(staying(site))
  return before.filter((one) => !after.has(one)).map((one) => `${one.id} of ${one.group}`)
}
