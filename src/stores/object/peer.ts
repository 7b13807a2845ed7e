import { rolloutError } from '../../core/errors.ts'

/** Loads an optional package for a subpath. @throws RolloutError `peer-missing` when it is not installed. */
export async function loadPeer<Package>(name: string, user: string, load: () => Promise<Package>): Promise<Package> {
  try {
    return await load()
  } catch (cause) {
    const message = `${user} needs ${name}, which is not installed here: npm install ${name}`
    throw rolloutError('peer-missing', message, { package: name, for: user }, cause)
  }
}
