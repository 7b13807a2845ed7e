import { cp, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What the demo service of an image does wrong. */
export interface Behaviour {
  /** The share of answers to `GET /` and `POST /echo` that are 500s; `/health` stays 200. @default 0 */
  readonly failShare?: number
  /** Whether it ever becomes healthy. @default true */
  readonly healthy?: boolean
  /** How long it takes until it listens. @default 0 */
  readonly bootMs?: number
}

/** An image to build. */
export interface ImageRecipe {
  /** What its answers say in `x-image`. */
  readonly label: string
  /** @default - it does nothing wrong */
  readonly behaviour?: Behaviour
}

/** The folder of the demo service, the template of all images of the examples. */
export const WEB = fileURLToPath(new URL('./web/', import.meta.url))

/**
 * Builds an image: a copy of a folder with a label and a behaviour in it, in a new folder under the system's temporary one.
 *
 * @returns the folder; whoever asked for it deletes it
 */
export async function buildImage(dir: string, { label, behaviour = {} }: ImageRecipe): Promise<string> {
  const image = await mkdtemp(join(tmpdir(), 'imago-image-'))
  await cp(dir, image, { recursive: true })
  await writeFile(join(image, 'label.txt'), `${label}\n`)
  await writeFile(join(image, 'behaviour.json'), `${JSON.stringify(behaviour)}\n`)
  return image
}
