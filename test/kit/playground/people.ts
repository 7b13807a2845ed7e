import type { World } from 'imago/testing'

/** What a person does by hand, in words. */
type Edit = (what: string, fault: number, change: () => void) => void

/** People with the console of a cloud open. @param isRefusal whether the cloud has said no to them: then they let it be. */
export function editing(world: World, count: (fault: number) => void, isRefusal: (error: unknown) => boolean): Edit {
  return (what, fault, change) =>
    world.because({ kind: 'person', name: what, fault }, () => {
      try {
        change()
        count(fault)
        world.record(what)
      } catch (error) {
        if (!isRefusal(error)) throw error
      }
    })
}
