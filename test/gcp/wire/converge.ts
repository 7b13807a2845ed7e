import type { Machine } from 'imago/testing'
import { leaving } from './leaving.ts'
import { shortVersion, staying } from './members.ts'
import type { GroupRecord, InstanceRecord, Project } from './project.ts'
import { allowed, update } from './updater.ts'

/** From a machine's launch until it runs. */
const RUNNING_MS = 10_000
/** A refused launch is tried again after this, for ever. */
const RETRY_MS = 30_000
/** A machine that ended is made anew, under its name, after this. */
const REPAIR_MS = 5_000

/** Launches what is missing: each version its share, spread over the zones; what is too many goes, whoever the group chooses. */
export function converge(project: Project, group: GroupRecord): void {
  for (const one of staying(group).slice(allowed(group))) leaving(project, group, one)
  create(project, group, group.targetSize - staying(group).length)
  update(project, group, (count) => create(project, group, count))
}

function create(project: Project, group: GroupRecord, count: number): void {
  for (let left = count; left > 0; left--) {
    const version = shortVersion(group)
    if (version === undefined) return
    const one: InstanceRecord = {
      name: nextName(project, group),
      zone: emptiestZone(group),
      template: version.template,
      versionName: version.name,
      action: 'CREATING',
      status: undefined,
      health: undefined,
      lastErrors: [],
    }
    group.instances.set(one.name, one)
    launch(project, group, one)
  }
}

function launch(project: Project, group: GroupRecord, one: InstanceRecord): void {
  const { world } = project
  const image = imageOf(project, one.template)
  const onChange = (machine: Machine) => notice(project, group, one, machine)
  const launched = world.machines.launch({ owner: group.name, image, release: image, zone: one.zone, onChange })
  if ('refused' in launched) return refuse(project, group, one, launched.refused)
  one.launched = launched.id
  const number = project.newId()
  world.schedule(world.now + RUNNING_MS, () => {
    if (!isThere(group, one) || world.machines.find(launched.id)?.state === 'dead') return
    const { id, launchedAt } = launched
    one.machine = {
      id,
      number,
      launchedAt,
      address: addressOf(number),
      image: { sourceImage: bootUrl(project, one.template), sourceImageId: image },
    }
    one.status = 'RUNNING'
    one.lastErrors = []
    one.action = group.healthChecked ? 'VERIFYING' : 'NONE'
    one.health = group.healthChecked ? 'TIMEOUT' : undefined
    settle(group, one, world.machines.find(launched.id))
  })
}

/** Whether it is still a member, and to stay one. */
function isThere({ instances }: GroupRecord, one: InstanceRecord): boolean {
  return instances.get(one.name) === one && one.action !== 'DELETING'
}

function notice(project: Project, group: GroupRecord, one: InstanceRecord, machine: Machine): void {
  if (!isThere(group, one)) return
  if (machine.state !== 'dead') return settle(group, one, machine)
  one.status = undefined
  one.health = undefined
  delete one.machine
  one.action = 'RECREATING'
  project.world.schedule(project.world.now + REPAIR_MS, () => {
    if (isThere(group, one)) launch(project, group, one)
  })
}

/** What the health check sees of a machine that runs. */
function settle(group: GroupRecord, one: InstanceRecord, machine: Machine | undefined): void {
  if (one.machine === undefined || !group.healthChecked || machine === undefined) return
  if (machine.state === 'healthy') Object.assign(one, { health: 'HEALTHY', action: 'NONE' })
  else if (machine.state === 'unhealthy') one.health = 'UNHEALTHY'
}

function refuse(project: Project, group: GroupRecord, one: InstanceRecord, refused: 'capacity' | 'image'): void {
  const { world } = project
  const error =
    refused === 'capacity'
      ? {
          code: 'ZONE_RESOURCE_POOL_EXHAUSTED',
          message: `The zone 'projects/${project.id}/zones/${project.region}-${one.zone}' does not have enough resources available to fulfill the request. Try a different zone, or try again later.`,
        }
      : { code: 'RESOURCE_NOT_FOUND', message: `The resource '${imageOf(project, one.template)}' was not found` }
  one.lastErrors = [error]
  group.errors.push({ at: world.now, ...error, instance: one })
  world.schedule(world.now + RETRY_MS, () => {
    if (isThere(group, one)) launch(project, group, one)
  })
}

/** The number of the image that a template boots from now. */
function imageOf(project: Project, template: string): string {
  const name = bootUrl(project, template).split('/').at(-1)!
  return project.images.get(name)?.id ?? name
}

function bootUrl(project: Project, template: string): string {
  type Disks = { readonly disks: readonly { readonly initializeParams: { readonly sourceImage: string } }[] }
  const { disks } = project.templates.get(template)!.properties as Disks
  return disks[0]!.initializeParams.sourceImage
}

const SIGNS = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** Four signs of chance behind the base name; here they are drawn from the next number. */
function nextName(project: Project, { baseInstanceName }: GroupRecord): string {
  let number = BigInt(project.newId()) * 7_919n
  const signs = Array.from({ length: 4 }, () => {
    const sign = SIGNS[Number(number % 36n)]!
    number /= 36n
    return sign
  })
  return `${baseInstanceName}-${signs.join('')}`
}

function emptiestZone({ zones, instances }: GroupRecord): string {
  const load = (zone: string) => [...instances.values()].filter((one) => one.zone === zone).length
  return zones.toSorted((a, b) => load(a) - load(b))[0]!
}

function addressOf(number: string): string {
  const last = Number(BigInt(number) % 65_536n)
  return `10.132.${last >> 8}.${last & 255}`
}
