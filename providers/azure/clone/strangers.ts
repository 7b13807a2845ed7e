import { isObject } from '../../../src/core/json.ts'
import type { ScaleSet } from '../fleet/set.ts'
import type { ArmBody } from '../sdk/arm.ts'

/**
 * Members of a set that the client does not know: it leaves them out of what it reads, and so of whatever is written from it.
 *
 * @param raw the set as Azure answered it.
 */
export function strangersIn(raw: ArmBody, set: ScaleSet): string[] {
  const known = new Set(placesIn(JSON.parse(JSON.stringify(set))))
  return placesIn(raw).filter((place) => !known.has(place) && !SAID_OTHERWISE.has(place))
}

/** The client lifts what Azure keeps under `properties`, and calls the type of an extension otherwise than that of a resource. */
function placesIn(value: unknown, at = ''): string[] {
  if (Array.isArray(value)) return [...new Set(value.flatMap((one) => placesIn(one, `${at}[]`)))]
  if (!isObject(value)) return value === null || value === undefined ? [] : [at]
  return Object.entries(value).flatMap(([key, one]) => {
    if (key === 'properties') return placesIn(one, at)
    const name = key === 'typePropertiesType' ? 'type' : key
    return placesIn(one, at === '' ? name : `${at}.${name}`)
  })
}

/** Answered by the list of resources and by no set. */
const SAID_OTHERWISE = new Set(['managedBy'])
