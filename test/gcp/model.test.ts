import { expect, test } from 'vitest'
import { faultsOf, type Exchange } from './model.ts'

const PATH = '/compute/v1/projects/p/zones/z/instanceGroupManagers/web'
const ok = { verb: 'GET', path: PATH, query: {}, body: undefined, answer: { name: 'web', id: '1', targetSize: 3 } }

test.for<[string, Partial<Exchange>, string]>([
  ['a method that is not there', { verb: 'PUT' }, `PUT ${PATH}: the API has no such method`],
  ['a parameter that is not there', { query: { zones: 'a' } }, 'InstanceGroupManagers.Get?zones: unknown'],
  ['a body that nobody asked for', { body: { name: 'web' } }, 'InstanceGroupManagers.Get {}: no body is asked for'],
  ['a field that is not there', { answer: { target_size: 3 } }, 'InstanceGroupManagers.Get.target_size: unknown'],
  ['a number as a text', { answer: { targetSize: '3' } }, 'InstanceGroupManagers.Get.targetSize: no whole number, but "3"'],
  ['a 64-bit number as a number', { answer: { id: 1 } }, 'InstanceGroupManagers.Get.id: no 64-bit number as a text, but 1'],
  ['nothing for something', { answer: { name: null } }, 'InstanceGroupManagers.Get.name: no text, but null'],
  ['one thing for a list', { answer: { versions: {} } }, 'InstanceGroupManagers.Get.versions: no list'],
  ['a list for one thing', { answer: { status: [] } }, 'InstanceGroupManagers.Get.status: no object'],
  [
    'a word that is none of an enum',
    { answer: { updatePolicy: { replacementMethod: 'REPLACE' } } },
    'InstanceGroupManagers.Get.updatePolicy.replacementMethod: no word of ReplacementMethod, but "REPLACE"',
  ],
  [
    'a group that is not named as one',
    {
      verb: 'POST',
      path: '/compute/v1/projects/p/global/backendServices/web/getHealth',
      body: { groups: 'web' },
      answer: {},
    },
    'BackendServices.GetHealth {}.groups: unknown',
  ],
  [
    'a word that is none of an enum of its own',
    { path: '/compute/v1/projects/p/zones/z/operations/o', answer: { status: 'FINISHED' } },
    'ZoneOperations.Get.status: no word of Status, but "FINISHED"',
  ],
])("Google's description finds %s", ([, fault, said]) => {
  expect(faultsOf(ok)).toEqual([])
  expect(faultsOf({ ...ok, ...fault })).toEqual([said])
})

test("Google's description has words that are listed in a comment only", () => {
  expect(faultsOf({ ...ok, answer: { updatePolicy: { type: 'PROACTIVE' } } })).toEqual([])
  expect(faultsOf({ ...ok, answer: { updatePolicy: { type: 'EAGER' } } })).not.toEqual([])
})
