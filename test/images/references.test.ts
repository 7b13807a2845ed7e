import { formatImageRef, imageRef, isImageAlias, parseImageRef, sameImage, type ImageRef, type ImageScheme } from 'imago'
import { createRandom } from 'imago/testing'
import { describe, expect, test } from 'vitest'

/** Schemes as providers of the clouds would register them. */
const SCHEMES: readonly ImageScheme[] = [
  {
    scheme: 'ami',
    check: ({ id, scope }) =>
      /^ami-[0-9a-f]+$/.test(id) && scope !== undefined ? undefined : 'an image has a region and an id ami-…',
    recognise: (text) => (/^ami-[0-9a-f]+$/.test(text) ? { scheme: 'ami', scope: 'eu-west-1', id: text } : undefined),
  },
  { scheme: 'gce', check: ({ id }) => (/^\d+$/.test(id) ? undefined : 'the id is a number'), recognise: () => undefined },
  { scheme: 'gallery', check: () => undefined, recognise: () => undefined },
  {
    scheme: 'oci',
    check: ({ digest }) => (digest === undefined ? 'a digest is missing' : undefined),
    recognise: () => undefined,
  },
]
const DIGEST = 'sha256-0fedcba987654321'
const FORMS: Readonly<Record<string, ImageRef>> = {
  'ami:eu-west-1/ami-0fedcba9876543210': { scheme: 'ami', scope: 'eu-west-1', id: 'ami-0fedcba9876543210' },
  'gce:shop-prod/4815162342': { scheme: 'gce', scope: 'shop-prod', id: '4815162342' },
  'gallery:subscriptions/1/galleries/g/images/web/1.2.3': {
    scheme: 'gallery',
    scope: 'subscriptions/1/galleries/g/images/web',
    id: '1.2.3',
  },
  [`oci:registry.local:5000/team/web@${DIGEST}`]: {
    scheme: 'oci',
    scope: 'registry.local:5000/team',
    id: 'web',
    digest: DIGEST,
  },
}

describe('a reference', () => {
  test.for(Object.entries(FORMS))('has one string form: %s', ([text, ref]) => {
    expect(formatImageRef(ref)).toBe(text)
    expect(parseImageRef(text, SCHEMES)).toEqual(ref)
  })

  test('is a frozen value', () => {
    for (const ref of [imageRef({ scheme: 'gce', id: '1' }), parseImageRef('ami-0f', SCHEMES)])
      expect(Object.isFrozen(ref)).toBe(true)
  })

  test('is understood by a bare id where a scheme knows it', () => {
    expect(formatImageRef(parseImageRef('ami-0fed', SCHEMES))).toBe('ami:eu-west-1/ami-0fed')
  })

  test('is the same exactly when its string form is, and survives every way of writing it', () => {
    const random = createRandom(Number(process.env['IMAGO_SEED']))
    const drawn = Array.from({ length: 300 }, () => drawRef((most) => random.whole(0, most)))
    for (const one of drawn) {
      const open = [{ scheme: one.scheme, check: () => undefined, recognise: () => undefined }]
      expect(parseImageRef(formatImageRef(one), open)).toEqual(one)
      expect(imageRef(JSON.parse(JSON.stringify(one)) as ImageRef)).toEqual(one)
      for (const other of drawn) expect(sameImage(one, other)).toBe(formatImageRef(one) === formatImageRef(other))
    }
  })

  test.for([
    ['nothing', ''],
    ['a bare id that no scheme knows', 'img-1'],
    ['a scheme that nobody registered', 'vhd:a/b'],
    ['an id that its scheme refuses', 'gce:shop/latest'],
    ['a tag where a digest belongs', 'oci:registry/web'],
    ['a space', 'gallery:a b'],
    ['two digests', `oci:web@${DIGEST}@${DIGEST}`],
    ['no id', 'ami:eu-west-1/'],
    ['capitals in the scheme', 'AMI:eu-west-1/ami-0f'],
  ])('refuses %s, and says what was found', ([, text = '']) => {
    expect(() => parseImageRef(text, SCHEMES)).toThrow(
      expect.objectContaining({ code: 'image-invalid', message: expect.stringContaining(`"${text}"`) }),
    )
  })

  test.for([
    { scheme: 'ami', id: '' },
    { scheme: 'ami', id: 'a/b' },
    { scheme: 'ami', id: 'a@sha256-1' },
    { scheme: 'a:b', id: 'c' },
    { scheme: 'ami', id: 'a', scope: '' },
    { scheme: 'ami', id: 'a', scope: '/x' },
    { scheme: 'ami', id: 'a', digest: 'latest' },
  ])('cannot be made of parts that have no string form: %j', (parts) => {
    expect(() => imageRef(parts)).toThrow(expect.objectContaining({ code: 'image-invalid' }))
  })

  test('is told from an alias', () => {
    expect(isImageAlias({ alias: 'latest', kind: 'tag' })).toBe(true)
    for (const other of [imageRef({ scheme: 'gce', id: '1' }), 'latest', null, undefined, { alias: 'latest' }])
      expect(isImageAlias(other)).toBe(false)
  })
})

function drawRef(whole: (most: number) => number): ImageRef {
  const word = () => Array.from({ length: whole(2) + 1 }, () => 'ab0-._'[whole(5)]).join('')
  const scope = Array.from({ length: whole(2) }, word).join('/')
  return imageRef({
    scheme: 'xyz'[whole(2)] ?? 'x',
    id: word(),
    ...(scope === '' ? {} : { scope }),
    ...(whole(1) === 0 ? {} : { digest: `sha256-${whole(3)}` }),
  })
}
