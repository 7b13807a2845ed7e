import type { Command } from '../../../core/command.ts'
import type { RolloutEvent } from '../../../core/events.ts'
import type { Plan } from '../../../core/plan.ts'
import type { Count } from '../../../core/shape.ts'
import type { CheckerOf, Findings, Scene } from './checker.ts'
import { maySurge } from './reckon.ts'

/**
 * I10: no generation is ever asked to be larger than the demand and the surge, whatever the autoscaler does, and all of them
 * together are not, once what has drained is taken for gone.
 */
export const withinBudget: CheckerOf = (scene, findings) => {
  // The first look may be as old as what somebody did before the rollout began.
  let othersAsked = othersAct(scene, scene.world.now - scene.plan.restsOn.provider.settleMs)
  return {
    onInstant() {
      othersAsked ||= othersAct(scene, scene.world.now)
    },
    atEnd() {
      eachWithin(scene, findings)
      allWithin(scene, findings)
      if (!othersAsked) ownDemand(scene, findings)
    },
  }
}

/** Where nobody else asks for anything, what a group grows to is the rollout's own doing, and never read as a wish. */
function ownDemand({ journal }: Scene, findings: Findings): void {
  findings.met('I10')
  const raised = journal.find((event) => event.type === 'demand.raised')
  if (raised?.type === 'demand.raised')
    findings.broken('I10', `the demand was raised to ${raised.demand}, and nobody but the rollout asked for anything`)
}

/** Whether somebody other than the rollout has done something from a moment on. */
function othersAct({ world }: Scene, since: number): boolean {
  const before = world.trace.entries.findLastIndex(({ at }) => at < since)
  return world.trace.entries.slice(before + 1).some(({ cause }) => OTHERS.has(cause.kind))
}

const OTHERS: ReadonlySet<string> = new Set(['autoscaler', 'person'])

type Sizing = Extract<Command, { kind: 'ensure-group' | 'resize' | 'remove' }>

function eachWithin({ plan, journal }: Scene, findings: Findings): void {
  const budgets = [...plan.waypoints, ...plan.back].map((one) => one.budget.maxSurge)
  const grown = new Map<string, number>()
  const there = new Map<string, Set<string>>()
  const drained = new Set<string>()
  let demand = plan.recorded.size
  for (const event of journal) {
    noteThere(there, event)
    if (event.type === 'instance.drained') drained.add(event.instance)
    if (event.type === 'instance.lost') drained.delete(event.instance)
    // A repair in place makes a generation larger, and so does an autoscaler; to launch from its release again asks for no more than is there.
    if (event.type === 'command.landed') for (const [id, size] of Object.entries(event.sizes ?? {})) grown.set(id, size)
    if (event.type === 'demand.raised') demand = Math.max(demand, event.demand)
    if (event.type !== 'command.intended' || (event.command.kind !== 'resize' && event.command.kind !== 'ensure-group')) continue
    findings.met('I10')
    const surge = Math.max(0, ...budgets.map((one) => (one === 'unbounded' ? 0 : maySurge(one, demand))))
    const { group } = event.command
    const asked = Math.max(...sizesOf(event.command).map(([, size]) => size))
    const generation = event.command.kind === 'ensure-group' ? `${group}@${event.command.release}` : ''
    if (asked <= Math.max(grown.get(generation) ?? 0, there.get(generation)?.size ?? 0)) continue
    if (asked > Math.max(1, demand) + surge + drained.size)
      findings.broken('I10', `${group} was asked to be ${asked}, with a demand of ${demand} and a surge of ${surge}`)
  }
}

/** Which instances a generation has, as far as the journal tells. */
function noteThere(there: Map<string, Set<string>>, event: RolloutEvent): void {
  if (!('instance' in event && 'generation' in event)) return
  if (event.type === 'instance.lost') there.get(event.generation)?.delete(event.instance)
  else there.set(event.generation, (there.get(event.generation) ?? new Set()).add(event.instance))
}

/** Judged for as long as the journal alone tells the sizes: nobody else has changed them, no repair in place, and no call was lost. */
function allWithin({ plan, journal, world }: Scene, findings: Findings): void {
  if (plan.fleet.placement.kind !== 'clone' || plan.restsOn.provider.autoscaled) return
  if (world.trace.entries.some(({ cause, what }) => cause.kind === 'person' && what.includes('shall have'))) return
  const asked = askedAtStart(plan)
  const drained = new Set<string>()
  const demand = plan.recorded.size
  for (const event of journal) {
    if (UNTELLING.has(event.type) && !(event.type === 'controller.took-over' && event.epoch === 1)) return
    if (event.type === 'instance.drained') drained.add(event.instance)
    if (event.type !== 'command.intended') continue
    const { command } = event
    if (command.kind === 'retire') for (const key of asked.keys()) if (key.startsWith(`${command.group} `)) asked.delete(key)
    if (command.kind !== 'ensure-group' && command.kind !== 'resize' && command.kind !== 'remove') continue
    if (command.kind === 'remove') for (const id of command.instances) drained.delete(id)
    const before = total(asked)
    for (const [release, size] of sizesOf(command)) asked.set(`${command.group} ${release}`, size)
    const surge = surgeOf(plan, event.waypoint)
    if (surge === undefined || total(asked) <= before) continue
    findings.met('I10')
    const most = Math.max(1, demand) + maySurge(surge, demand) + drained.size
    if (total(asked) > most)
      findings.broken('I10', `${event.id} asks for ${total(asked)} in all, at most ${most} may be there at ${event.waypoint}`)
  }
}

const UNTELLING: ReadonlySet<RolloutEvent['type']> = new Set([
  'demand.raised',
  'size.lowered',
  'command.unknown',
  'command.lapsed',
  'command.refused',
  'command.withheld',
  'generation.lost',
  'controller.took-over',
])

function askedAtStart({ stable, candidate, leftovers, recorded }: Plan): Map<string, number> {
  const all = [{ ...stable, size: stable.size ?? recorded.size }, candidate, ...leftovers]
  return new Map(all.map(({ group, release, size }) => [`${group} ${release.id}`, size ?? 0]))
}

function surgeOf(plan: Plan, waypoint: string): Count | undefined {
  const surge = [...plan.waypoints, ...plan.back].find((one) => one.id === waypoint)?.budget.maxSurge
  return surge === 'unbounded' ? undefined : surge
}

function sizesOf(command: Sizing): [string, number][] {
  if (command.kind === 'ensure-group') return [[command.release, command.size]]
  return Object.entries(command.kind === 'resize' ? command.sizes : command.sizesAfter)
}

function total(asked: ReadonlyMap<string, number>): number {
  let sum = 0
  for (const size of asked.values()) sum += size
  return sum
}
