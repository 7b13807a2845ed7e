import assert from 'node:assert/strict'
import { isRolloutError, type CallFailureClass } from '../../../core/errors.ts'
import type { JsonObject } from '../../../core/json.ts'
import type { Accepted, CallContext, FleetProvider, FleetTarget, GroupRequest, ResolvedRelease } from '../../../core/ports.ts'
import type { GroupId, GroupView, HoldView, InstanceView, ProviderFacts, ProviderLook, Release } from '../../../core/snapshot.ts'
import { realTime, type ContractTime } from '../time.ts'
import type { ContractImages, FleetContractOptions, FleetSite } from './site.ts'

const POLL_MS = 50
/** A condition that must go on is looked at so often, while good instances would have become healthy twice. */
const LOOKS = 10
const PATIENCE_MS = 60_000

/** What a new group is made with beside its size. */
export interface CandidateOptions {
  /** @default - the other image */
  readonly release?: Pick<ResolvedRelease, 'release' | 'sealed'>
  /** @default - none */
  readonly binding?: string
  /** @default - a token of its own */
  readonly token?: string
  /** @default - the name for a candidate */
  readonly group?: GroupId
  /** @default - the fleet's group */
  readonly like?: GroupId
}

/** A fleet under test, with short names for what tests do to it. */
export class FleetBench<Site extends FleetSite = FleetSite> {
  readonly site: Site
  readonly provider: FleetProvider
  readonly images: ContractImages
  readonly launch: JsonObject
  readonly facts: ProviderFacts
  readonly time: ContractTime
  /** The fleet's group. */
  readonly group: GroupId
  /** A name for a second one. */
  readonly candidate: GroupId
  readonly target: FleetTarget
  readonly inPlace: FleetTarget
  readonly #patienceMs: number
  #tokens = 0

  constructor(options: FleetContractOptions<Site>, site: Site, facts: ProviderFacts) {
    const { provider, group, launch, time = realTime } = site
    this.site = site
    this.provider = provider
    this.images = options.images
    this.launch = launch
    this.facts = facts
    this.time = time
    this.group = group
    this.candidate = `${group}-v001`
    this.target = adopting(group)
    this.inPlace = { name: 'contract', placement: { kind: 'in-place', group }, handles: [] }
    this.#patienceMs = options.patienceMs ?? PATIENCE_MS
  }

  /** What a call is given; the token is new unless it is said. */
  call(token = `${this.group}/${++this.#tokens}`): CallContext {
    return { signal: new AbortController().signal, token }
  }

  /** The answer of a call; whatever it changed has landed then. */
  async accepted(call: Promise<Accepted>): Promise<Accepted> {
    const answer = await this.time.settled(call)
    await this.settle()
    return answer
  }

  /** Lets so much time pass that what was accepted is in every look. */
  async settle(): Promise<void> {
    if (this.facts.settleMs > 0) await this.time.pass(this.facts.settleMs)
  }

  /** That a call fails with one of these classes. */
  async refused(call: Promise<unknown>, ...classes: readonly CallFailureClass[]): Promise<void> {
    const end = await this.end(call)
    assert.ok(
      classes.some((one) => one === end),
      `it should fail as ${classes.join(' or ')}, and was ${end}`,
    )
    await this.settle()
  }

  /** How a call ends: accepted, or the class of its failure. */
  async end(call: Promise<unknown>): Promise<'accepted' | CallFailureClass> {
    try {
      await this.time.settled(call)
      return 'accepted'
    } catch (error) {
      if (isRolloutError(error, 'call-failed')) return error.facts.class
      throw error
    }
  }

  look(target = this.target): Promise<ProviderLook> {
    return this.time.settled(this.provider.describe(target, this.call()))
  }

  /** A group as looks show it, if they do. */
  async find(id = this.group, target = this.target): Promise<GroupView | undefined> {
    return (await this.look(target)).groups.find((group) => group.id === id)
  }

  /** A group that is there. */
  async show(id = this.group, target = this.target): Promise<GroupView> {
    return present(await this.find(id, target), `the group ${id}`)
  }

  /** The release that the fleet's group launches. */
  async base(): Promise<Release> {
    const { groups, releases } = await this.look()
    const launched = groups.find((group) => group.id === this.group)?.release
    return present(releases[launched ?? ''], `the release ${launched}`)
  }

  /** An image as a release of this fleet. */
  async resolve(image?: string, launch?: JsonObject): Promise<ResolvedRelease> {
    const request = {
      base: await this.base(),
      ...(image === undefined ? {} : { image }),
      ...(launch === undefined ? {} : { launch }),
    }
    return await this.time.settled(this.provider.resolve(this.target, request, this.call()))
  }

  /** Asks for a second group. */
  async ensure(size: number, options: CandidateOptions = {}): Promise<Accepted> {
    return await this.accepted(
      this.provider.ensureGroup(this.target, await this.request(size, options), this.call(options.token)),
    )
  }

  /** A second group as it is asked for. */
  async request(size: number, options: CandidateOptions = {}): Promise<GroupRequest> {
    const { release, sealed } = options.release ?? (await this.resolve(this.images.other))
    const { group = this.candidate, like = this.group, binding } = options
    return { group, release, sealed, like, size, rolloutId: 'contract#1', ...(binding === undefined ? {} : { binding }) }
  }

  /** Asks for sizes of the fleet's group. */
  resize(sizes: Readonly<Record<string, number>>, version?: string, token?: string): Promise<Accepted> {
    return this.provider.resize(this.target, this.group, sizes, version, this.call(token))
  }

  /** Asks to hold the fleet's group. */
  hold(mark: HoldView, min?: number): Promise<Accepted> {
    return this.provider.hold(this.target, this.group, mark, min, this.call())
  }

  /** Waits until a look at something says so. @throws what it waited for in vain. */
  async until<Value>(what: string, look: () => Promise<Value | undefined | false>): Promise<Value> {
    for (const endsAt = this.time.now() + this.#patienceMs; ; await this.time.pass(POLL_MS)) {
      const found = await look()
      if (found !== undefined && found !== false) return found
      assert.ok(this.time.now() < endsAt, `waited in vain until ${what}`)
    }
  }

  /** Looks again and again, for as long as instances may well take to become healthy. */
  async always(look: () => Promise<void>): Promise<void> {
    for (let count = 0; count < LOOKS; count++) {
      await look()
      await this.time.pass((2 * this.facts.usualBootMs) / LOOKS)
    }
  }

  /** A group once so many instances are all it has and all of them are healthy. */
  async healthy(count: number, id = this.group, target = this.target): Promise<GroupView> {
    return await this.until(`${id} has ${count} healthy instances and no others`, async () => {
      const group = await this.find(id, target)
      return group?.instances.length === count && group.instances.every(isHealthy) && group
    })
  }
}

/** A fleet of clones at first contact. */
export function adopting(group: GroupId): FleetTarget {
  return { name: 'contract', placement: { kind: 'clone', adopt: group }, handles: [] }
}

/** Whether an instance can serve. */
export function isHealthy({ state }: InstanceView): boolean {
  return state === 'healthy'
}

/** Something that must be there. */
export function present<Value>(value: Value | undefined, what: string): Value {
  assert.ok(value !== undefined, `${what} is not there`)
  return value
}

/** Names of a group's instances, in order. */
export function idsOf({ instances }: GroupView): string[] {
  return instances.map((one) => one.id).toSorted()
}
