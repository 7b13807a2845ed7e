import { callFailed, isRolloutError } from '../../../src/core/errors.ts'
import { isObject, type JsonObject } from '../../../src/core/json.ts'
import type { CallContext } from '../../../src/core/ports.ts'
import type { Release } from '../../../src/core/snapshot.ts'
import { releaseOf } from '../launch/release.ts'
import { changeLaunch } from '../launch/settings.ts'
import { readTemplates } from '../launch/templates.ts'
import { marksOf, withMarks } from '../marks.ts'
import type { Place } from '../place.ts'
import type { Image } from '../sdk/resources.ts'
import { callOf } from '../sdk/urls.ts'

/** What a plan keeps sealed of a release: which template it changes, and how. */
export interface SealedLaunch {
  readonly base: string
  readonly changes: JsonObject
}

/** A template that is wanted. */
export interface WantedTemplate {
  /** The fleet's id. */
  readonly fleet: string
  /** The group that it is made for first. */
  readonly group: string
  readonly release: Release
  readonly sealed: SealedLaunch | null
}

/** The path of the template that launches a release: the one that keeps it, or a new one beside the one that it changes. */
export async function templateFor(place: Place, wanted: WantedTemplate, context: CallContext): Promise<string> {
  const { fleet, release, sealed } = wanted
  const { signal } = context
  if (release.template !== undefined) return await kept(place, release.template, signal)
  if (sealed === null)
    throw callFailed('not-found', 'ensureGroup', `No instance template keeps ${release.id}, and no settings were given.`)
  const base = await place.caller.json('instanceTemplates.get', { verb: 'GET', path: sealed.base }, signal)
  const name = templateName(wanted)
  const properties = launching(
    changeLaunch(base['properties'] as JsonObject, sealed.changes),
    await imageUrl(place, release, signal),
  )
  const collection = sealed.base.slice(0, sealed.base.lastIndexOf('/'))
  const body = { name, description: withMarks({}, { fleet }), properties }
  const path = `${collection}/${name}`
  try {
    await place.operations.done({ call: callOf(collection, 'insert'), verb: 'POST', path: collection, body }, context)
  } catch (error) {
    if (!isRolloutError(error, 'call-failed') || error.facts.class !== 'conflict') throw error
    await madeBefore(place, path, wanted, signal)
  }
  return path
}

async function kept(place: Place, path: string, signal: AbortSignal): Promise<string> {
  if ((await readTemplates(place, [path], signal)).has(path)) return path
  throw callFailed('not-found', 'ensureGroup', `The instance template ${path} is gone.`)
}

/** The template of this name, if it is what would have been made. @throws RolloutError `call-failed` of class `conflict` when it is not. */
async function madeBefore(place: Place, path: string, { fleet, release }: WantedTemplate, signal: AbortSignal): Promise<void> {
  const found = (await readTemplates(place, [path], signal)).get(path)
  const isSame = found !== undefined && releaseOf(found, release.image).id === release.id
  if (isSame && marksOf(found.template).fleet === fleet) return
  throw callFailed(
    'conflict',
    'ensureGroup',
    `There is another instance template ${path}: it does not launch ${release.id}, or is not the fleet's.`,
  )
}

const LONGEST_NAME = 63

/** The release is in the name: whoever makes it again finds it. */
function templateName({ group, release }: WantedTemplate): string {
  return `${group.slice(0, LONGEST_NAME - release.id.length - 1)}-${release.id}`
}

/** Templates name an image, and names are given again: the one that has this name is to be the one that is meant. */
async function imageUrl({ caller, project }: Place, { image }: Release, signal: AbortSignal): Promise<string> {
  const scope = image.scope ?? project
  const { name = '' } = await caller.call('images.get', { project: scope, image: image.id }, signal)
  const named: Image = await caller.call('images.get', { project: scope, image: name }, signal)
  if (String(named.id) === image.id) return `projects/${scope}/global/images/${name}`
  throw callFailed(
    'conflict',
    'ensureGroup',
    `The name ${name} of the image ${image.id} was given to another one, ${String(named.id)}.`,
  )
}

/** These settings, booting from this image. */
function launching({ disks, ...settings }: JsonObject, sourceImage: string): JsonObject {
  const all = Array.isArray(disks) ? (disks as readonly JsonObject[]) : []
  return { ...settings, disks: all.map((one) => (one['boot'] === true ? booting(one, sourceImage) : one)) }
}

function booting(disk: JsonObject, sourceImage: string): JsonObject {
  const { initializeParams } = disk
  return { ...disk, initializeParams: { ...(isObject(initializeParams) ? initializeParams : {}), sourceImage } }
}
