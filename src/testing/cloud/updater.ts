import { callFailed } from '../../core/errors.ts'
import type { FleetTarget, UpdateRequest } from '../../core/ports.ts'
import type { UpdateView } from '../../core/snapshot.ts'
import { converge, terminate } from './instances.ts'
import type { Operation } from './operation.ts'
import { isUpdating, sizeOf, staying, type GroupRecord, type InstanceRecord, type UpdateRecord } from './records.ts'
import { fleetOf, groupIn, type Site } from './site.ts'

/** How often it looks at its group. */
const PERIOD_MS = 5_000

/** See `NativeUpdater.start`. */
export function startUpdate(site: Site, target: FleetTarget, id: string, request: UpdateRequest): Operation {
  const name = 'startUpdate'
  const group = () => groupIn(fleetOf(site, target, name), id, name)
  // Compared as it is asked, and not by the cloud: what lands late takes what the group launches then.
  const launched = fleetOf(site, target, name).groups.get(id)?.release
  return {
    name,
    about: `${id} to ${request.release}`,
    check() {
      const { update } = group()
      if (launched !== request.release)
        throw callFailed('conflict', name, `The group ${id} launches ${launched}, not ${request.release}.`)
      if (update === undefined || update.state === 'ended' || isTheSame(update, group(), request)) return
      throw callFailed('conflict', name, `An update of ${id} towards ${update.release} is ${update.state}.`)
    },
    apply: () => beginUpdate(site, group(), request),
  }
}

/** See `NativeUpdater.stop`. */
export function stopUpdate(site: Site, target: FleetTarget, id: string): Operation {
  const find = () => fleetOf(site, target, 'stopUpdate').groups.get(id)
  return {
    name: 'stopUpdate',
    about: id,
    check: () => void find(),
    apply() {
      const group = find()
      if (group?.update?.state === 'running') become(site, group, 'stopping')
    },
  }
}

/** Lets the updater of a group begin, whoever asked for it; one that is at work goes on. */
export function beginUpdate(site: Site, group: GroupRecord, request: UpdateRequest): void {
  if (group.update !== undefined && group.update.state !== 'ended') return
  // What it replaces by is what the group launches now, whatever it was when this was sent.
  group.update = { ...request, release: group.release, id: `update-${group.version}`, state: 'ended', extra: 0 }
  become(site, group, 'running')
  watch(site, group)
}

function isTheSame(update: UpdateRecord, { release }: GroupRecord, wanted: UpdateRequest): boolean {
  return update.state === 'running' && release === wanted.release && update.upTo === wanted.upTo
}

function watch(site: Site, group: GroupRecord): void {
  const cause = { kind: 'updater', name: group.id } as const
  site.world.schedule(
    site.world.now + PERIOD_MS,
    () => {
      step(site, group)
      if (isUpdating(group)) watch(site, group)
    },
    cause,
  )
}

/** One instance, or as many as the budget has room for, and not the next before these are well. */
function step(site: Site, group: GroupRecord): void {
  const { update } = group
  if (update === undefined) return
  if (group.retiring || update.state === 'stopping') return end(site, group, update)
  const old = group.instances.filter((one) => one.machine.release !== update.release && !one.terminating)
  if (old.length === 0) return end(site, group, update)
  const present = staying(group, update.release)
  const done = present.length - update.extra
  const left = Math.min(old.length, (update.upTo ?? Infinity) - done)
  const unwell = group.instances.filter((one) => !one.terminating && !isWell(site, update, one))
  if (update.extra > 0) {
    if (unwell.every((one) => one.machine.release !== update.release)) replace(site, group, update, old, update.extra)
  } else if (left > 0 && update.maxSurge > 0 && unwell.length === 0) surge(site, group, update, Math.min(update.maxSurge, left))
  else if (left > 0) {
    const spare = update.maxUnavailable - unwell.length - Math.max(0, sizeOf(group) - group.instances.length)
    // With nothing to spare and no surge it takes one at a time all the same, once all are well.
    const width = update.maxSurge === 0 && unwell.length === 0 ? Math.max(1, spare) : spare
    if (width > 0) replace(site, group, update, old, Math.min(width, left))
  }
}

function surge(site: Site, group: GroupRecord, update: UpdateRecord, count: number): void {
  update.extra = count
  converge(site, group)
}

/** The oldest go; what the group launches takes their places. */
function replace(site: Site, group: GroupRecord, update: UpdateRecord, old: readonly InstanceRecord[], count: number): void {
  const oldest = old.toSorted((a, b) => a.machine.launchedAt - b.machine.launchedAt).slice(0, count)
  update.extra = 0
  const [, drainMs] = site.settings.router?.drainMs ?? [0, 0]
  for (const one of oldest) terminate(site, group, one, drainMs + 1)
  converge(site, group)
}

/** What was launched beyond the size and replaces nobody is not kept. */
function end(site: Site, group: GroupRecord, update: UpdateRecord): void {
  update.extra = 0
  become(site, group, 'ended')
  converge(site, group)
}

function isWell(site: Site, { soakMs, release }: UpdateRecord, { machine }: InstanceRecord): boolean {
  if (machine.state !== 'healthy') return false
  return machine.release !== release || site.world.now - machine.launchedAt >= soakMs
}

function become(site: Site, group: GroupRecord, state: UpdateView['state']): void {
  if (group.update === undefined) return
  group.update.state = state
  group.version++
  group.fields.touch()
  site.world.record(`the update of ${group.id} to ${group.update.release} is ${state}`)
}
