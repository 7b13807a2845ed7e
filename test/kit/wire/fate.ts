/** What becomes of a call; one that has no fate is carried out and answered. */
export type CallFate =
  | { readonly refused: Error }
  /** The caller hears nothing. It is carried out so long after it came: never, once, or twice; and the line is cut, or left open. */
  | { readonly landsAfterMs: readonly number[]; readonly cutAfterMs: number | undefined }
  | {
      /** The network is slow: it arrives when half of this has passed, and its answer when all has. @default 0 */
      readonly travelsMs?: number
      /** It is answered from what was so long before it arrived, which changes nothing for what is no read. @default 0 */
      readonly lagsMs?: number
    }

/** It is carried out at once, and the answer is lost. */
export const UNHEARD: CallFate = { landsAfterMs: [0], cutAfterMs: 0 }

/** It never arrives, and nobody says so. */
export const UNSENT: CallFate = { landsAfterMs: [], cutAfterMs: 0 }
