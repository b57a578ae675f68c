// Which keys can be files of this platform below a folder: judged before anything is written.
import { parseObjectKey } from '../../core/policy/key.ts'
import { toFileName } from '../transfer/state.ts'

const MAX_NAME_BYTES = 255
/** https://learn.microsoft.com/windows/win32/fileio/naming-a-file: devices, whatever the ending. */
const DEVICE = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)\s*(?:\.|$)/i
const UNFINISHED = /^\..*\.postern-part$/i

const toBytes = (text: string): number => new TextEncoder().encode(text).length

function findNameFault(name: string, platform: NodeJS.Platform): string | null {
  if (toBytes(name) > MAX_NAME_BYTES) return 'holds a name longer than 255 bytes'
  if (UNFINISHED.test(name)) return 'holds the name of an unfinished download'
  if (platform !== 'win32') return null
  if (/[<>:"|?*]/.test(name)) return 'holds a character that no file name may have here'
  if (/[. ]$/.test(name)) return 'holds a name that ends in a dot or a space'
  return DEVICE.test(name) ? 'holds the name of a device' : null
}

/** Of a path with "/" below the folder; null where it can be a file. A key is one by the gateway's rules. */
export function findPathFault(path: string, platform: NodeJS.Platform): string | null {
  const key = parseObjectKey(path)
  if (!key.ok) return key.error
  for (const name of path.split('/')) {
    const fault = findNameFault(name, platform)
    if (fault !== null) return fault
  }
  return null
}

/** What is one file on this platform has one form; where letters of both cases are the same, it is of the small ones. */
export function toFold(path: string, platform: NodeJS.Platform): string {
  return platform === 'win32' || platform === 'darwin' ? path.normalize('NFC').toLowerCase() : path
}

/** Beside the file, so that the rename is of one file system. */
export function toPartName(name: string): string {
  const plain = `.${name}.postern-part`
  return toBytes(plain) <= MAX_NAME_BYTES ? plain : `.${toFileName(name)}.postern-part`
}
