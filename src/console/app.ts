// What every part of the page is given: the client, who is signed in, and the uploads.
import type { SessionAnswer } from '../contract/session.ts'
import { allows, type Place } from './places.ts'
import type { Caller } from './session.ts'
import type { Uploads } from './uploads.ts'

export interface App extends Caller {
  readonly session: SessionAnswer
  readonly uploads: Uploads
  /** Whether a grant allows the action on a key or on all below a prefix. */
  can(action: string, bucket: string, path: string): boolean
}

export function createApp(given: Omit<App, 'can'>): App {
  const { grants } = given.session
  return { ...given, can: (action, bucket, path) => allows(grants, bucket, path, action) }
}

export const isSame = (one: Place, other: Place): boolean =>
  one.bucket === other.bucket && one.prefix === other.prefix
